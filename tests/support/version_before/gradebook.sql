BEGIN TRANSACTION;
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
INSERT INTO "alembic_version" VALUES('e43177bfe90b');
CREATE TABLE assignment (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	duedate DATETIME, 
	course_id VARCHAR(128) NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name), 
	FOREIGN KEY(course_id) REFERENCES course (id)
);
INSERT INTO "assignment" VALUES('3c6a14f512194f1c95c8345f06d31b9f','loss_and_optimization',NULL,'cs231n');
CREATE TABLE base_cell (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	notebook_id VARCHAR(32) NOT NULL, 
	type VARCHAR(50), 
	PRIMARY KEY (id), 
	UNIQUE (name, notebook_id, type), 
	FOREIGN KEY(notebook_id) REFERENCES notebook (id)
);
INSERT INTO "base_cell" VALUES('0632e2b469704cd1b58125e53206f2fe','eval_numerical_gradient','7d0b381f14d842e0a4b0eca70804f0ec','GradeCell');
INSERT INTO "base_cell" VALUES('11ac5da8879d4ee29591153033342b6e','rel_error','7d0b381f14d842e0a4b0eca70804f0ec','GradeCell');
INSERT INTO "base_cell" VALUES('50104a2f281f458886a27cbc7d549c91','grad_check_sparse','7d0b381f14d842e0a4b0eca70804f0ec','GradeCell');
INSERT INTO "base_cell" VALUES('a4d50912b3c24ef597053656bfbc7fc2','1_gradient_check_question','7d0b381f14d842e0a4b0eca70804f0ec','GradeCell');
INSERT INTO "base_cell" VALUES('fdbefd57d66748cbbb008055fc755a18','1_gradient_check_question','7d0b381f14d842e0a4b0eca70804f0ec','SolutionCell');
INSERT INTO "base_cell" VALUES('0cea8c91c429433d93aedc85c0c6c9f8','svm_loss_naive','30fd790f6fc74a30bb12532f5934bb18','GradeCell');
INSERT INTO "base_cell" VALUES('5f1b3e3408354736bf226ee740f6ed88','svm_loss_vectorized','30fd790f6fc74a30bb12532f5934bb18','GradeCell');
INSERT INTO "base_cell" VALUES('e4e802a5cb1c489faa1b47c6b8f6b433','2_svm_question','30fd790f6fc74a30bb12532f5934bb18','GradeCell');
INSERT INTO "base_cell" VALUES('2d858cdb0f304fedbeeea574f98a6a9b','2_svm_question','30fd790f6fc74a30bb12532f5934bb18','SolutionCell');
INSERT INTO "base_cell" VALUES('8c27f3eb5ed641779b975dfee82dd91b','softmax_loss_naive','d75a7ae2cdf74aa89017015c85d7bf4f','GradeCell');
INSERT INTO "base_cell" VALUES('08a801f965fa4e29ac377fa52fe752b3','softmax_loss_vectorized','d75a7ae2cdf74aa89017015c85d7bf4f','GradeCell');
INSERT INTO "base_cell" VALUES('1b0b7377aeb5467188dee29996112853','3_softmax_question','d75a7ae2cdf74aa89017015c85d7bf4f','GradeCell');
INSERT INTO "base_cell" VALUES('2efea4e847c24c5c96147e496d42f776','3_softmax_question','d75a7ae2cdf74aa89017015c85d7bf4f','SolutionCell');
INSERT INTO "base_cell" VALUES('1b4a897fc86c43cbb68a21bfa7b41317','l2_penalty','f341b11df4904bfe8cf8363755213f19','GradeCell');
INSERT INTO "base_cell" VALUES('6ababd6d2e9b4c76b9b4fbc4b3069be3','l1_penalty','f341b11df4904bfe8cf8363755213f19','GradeCell');
INSERT INTO "base_cell" VALUES('3ae64578cb9d4fa2aa686271bb09ac07','elastic_net_penalty','f341b11df4904bfe8cf8363755213f19','GradeCell');
INSERT INTO "base_cell" VALUES('b1474051d5ad45c6a71c63adb10b0359','batchnorm_forward','f341b11df4904bfe8cf8363755213f19','GradeCell');
INSERT INTO "base_cell" VALUES('32c74f24a0224f1d9a05674b9c8a60d3','batchnorm_backward','f341b11df4904bfe8cf8363755213f19','GradeCell');
INSERT INTO "base_cell" VALUES('f9a89526118d41fd8fc0762d2eede295','stochastic_depth_forward','f341b11df4904bfe8cf8363755213f19','GradeCell');
INSERT INTO "base_cell" VALUES('d0a2ea7c268c410da086951634c8b90f','stochastic_depth_backward','f341b11df4904bfe8cf8363755213f19','GradeCell');
INSERT INTO "base_cell" VALUES('26657c53473a4441ad9b8b60990511fc','4_regularization_question','f341b11df4904bfe8cf8363755213f19','GradeCell');
INSERT INTO "base_cell" VALUES('edccb2621ae84a5baa85b44a6b43ba54','4_regularization_question','f341b11df4904bfe8cf8363755213f19','SolutionCell');
INSERT INTO "base_cell" VALUES('3a08ed49f4294d36bcf733a633af7b0e','random_search','c51dc6e56ae342b8b62872959cb625da','GradeCell');
INSERT INTO "base_cell" VALUES('ec2a64f3ef30453889915c75b07d3d23','gradient_descent','c51dc6e56ae342b8b62872959cb625da','GradeCell');
INSERT INTO "base_cell" VALUES('d73682cf93a54f2dad356f0cad31465d','LinearClassifier-train','c51dc6e56ae342b8b62872959cb625da','GradeCell');
INSERT INTO "base_cell" VALUES('c9a517a8faad41499c60d565eeb50d1c','LinearClassifier-predict','c51dc6e56ae342b8b62872959cb625da','GradeCell');
INSERT INTO "base_cell" VALUES('b3678e9c91af44bcbc16df426aca034c','best_model-npz','c51dc6e56ae342b8b62872959cb625da','GradeCell');
INSERT INTO "base_cell" VALUES('2476a8f8e5104a3198b527776d6c46ec','5_optimization_question','c51dc6e56ae342b8b62872959cb625da','GradeCell');
INSERT INTO "base_cell" VALUES('c195fec2d0ed4345abc9b7f4b2b3e13d','5_optimization_question','c51dc6e56ae342b8b62872959cb625da','SolutionCell');
CREATE TABLE comment (
	id VARCHAR(32) NOT NULL, 
	notebook_id VARCHAR(32), 
	cell_id VARCHAR(32), 
	auto_comment TEXT, 
	manual_comment TEXT, 
	PRIMARY KEY (id), 
	UNIQUE (cell_id, notebook_id), 
	FOREIGN KEY(notebook_id) REFERENCES submitted_notebook (id), 
	FOREIGN KEY(cell_id) REFERENCES base_cell (id)
);
INSERT INTO "comment" VALUES('18ecbd787aa3b720fa90ff0c0200000a','18ecbd787aa3b720fa90ff0c02000002','fdbefd57d66748cbbb008055fc755a18',NULL,NULL);
INSERT INTO "comment" VALUES('18ecbd787aa3b720fa90ff0c0200000c','18ecbd787aa3b720fa90ff0c02000001','2d858cdb0f304fedbeeea574f98a6a9b',NULL,NULL);
INSERT INTO "comment" VALUES('18ecbd787aa3b720fa90ff0c02000011','18ecbd787aa3b720fa90ff0c02000005','2efea4e847c24c5c96147e496d42f776',NULL,NULL);
INSERT INTO "comment" VALUES('18ecbd787aa3b720fa90ff0c0200001a','18ecbd787aa3b720fa90ff0c02000003','edccb2621ae84a5baa85b44a6b43ba54',NULL,NULL);
INSERT INTO "comment" VALUES('18ecbd787aa3b720fa90ff0c0200001f','18ecbd787aa3b720fa90ff0c02000004','c195fec2d0ed4345abc9b7f4b2b3e13d',NULL,NULL);
INSERT INTO "comment" VALUES('18ecbd787c5e5bea901b921c6e00000a','18ecbd787c5e5bea901b921c6e000002','fdbefd57d66748cbbb008055fc755a18',NULL,'Well argued.');
INSERT INTO "comment" VALUES('18ecbd787c5e5bea901b921c6e00000c','18ecbd787c5e5bea901b921c6e000001','2d858cdb0f304fedbeeea574f98a6a9b',NULL,NULL);
INSERT INTO "comment" VALUES('18ecbd787c5e5bea901b921c6e000011','18ecbd787c5e5bea901b921c6e000005','2efea4e847c24c5c96147e496d42f776',NULL,NULL);
INSERT INTO "comment" VALUES('18ecbd787c5e5bea901b921c6e00001a','18ecbd787c5e5bea901b921c6e000003','edccb2621ae84a5baa85b44a6b43ba54',NULL,NULL);
INSERT INTO "comment" VALUES('18ecbd787c5e5bea901b921c6e00001f','18ecbd787c5e5bea901b921c6e000004','c195fec2d0ed4345abc9b7f4b2b3e13d',NULL,NULL);
CREATE TABLE course (
	id VARCHAR(128) NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (id)
);
INSERT INTO "course" VALUES('cs231n');
INSERT INTO "course" VALUES('default_course');
CREATE TABLE grade (
	id VARCHAR(32) NOT NULL, 
	notebook_id VARCHAR(32), 
	cell_id VARCHAR(32), 
	auto_score FLOAT, 
	manual_score FLOAT, 
	extra_credit FLOAT, 
	needs_manual_grade BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (cell_id, notebook_id), 
	FOREIGN KEY(notebook_id) REFERENCES submitted_notebook (id), 
	FOREIGN KEY(cell_id) REFERENCES base_cell (id)
);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c02000006','18ecbd787aa3b720fa90ff0c02000002','0632e2b469704cd1b58125e53206f2fe',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c02000007','18ecbd787aa3b720fa90ff0c02000002','11ac5da8879d4ee29591153033342b6e',2.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c02000008','18ecbd787aa3b720fa90ff0c02000002','50104a2f281f458886a27cbc7d549c91',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c02000009','18ecbd787aa3b720fa90ff0c02000002','a4d50912b3c24ef597053656bfbc7fc2',NULL,NULL,NULL,1);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c0200000b','18ecbd787aa3b720fa90ff0c02000001','0cea8c91c429433d93aedc85c0c6c9f8',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c0200000d','18ecbd787aa3b720fa90ff0c02000001','5f1b3e3408354736bf226ee740f6ed88',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c0200000e','18ecbd787aa3b720fa90ff0c02000001','e4e802a5cb1c489faa1b47c6b8f6b433',NULL,NULL,NULL,1);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c0200000f','18ecbd787aa3b720fa90ff0c02000005','08a801f965fa4e29ac377fa52fe752b3',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c02000010','18ecbd787aa3b720fa90ff0c02000005','1b0b7377aeb5467188dee29996112853',NULL,NULL,NULL,1);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c02000012','18ecbd787aa3b720fa90ff0c02000005','8c27f3eb5ed641779b975dfee82dd91b',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c02000013','18ecbd787aa3b720fa90ff0c02000003','1b4a897fc86c43cbb68a21bfa7b41317',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c02000014','18ecbd787aa3b720fa90ff0c02000003','26657c53473a4441ad9b8b60990511fc',NULL,NULL,NULL,1);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c02000015','18ecbd787aa3b720fa90ff0c02000003','32c74f24a0224f1d9a05674b9c8a60d3',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c02000016','18ecbd787aa3b720fa90ff0c02000003','3ae64578cb9d4fa2aa686271bb09ac07',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c02000017','18ecbd787aa3b720fa90ff0c02000003','6ababd6d2e9b4c76b9b4fbc4b3069be3',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c02000018','18ecbd787aa3b720fa90ff0c02000003','b1474051d5ad45c6a71c63adb10b0359',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c02000019','18ecbd787aa3b720fa90ff0c02000003','d0a2ea7c268c410da086951634c8b90f',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c0200001b','18ecbd787aa3b720fa90ff0c02000003','f9a89526118d41fd8fc0762d2eede295',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c0200001c','18ecbd787aa3b720fa90ff0c02000004','2476a8f8e5104a3198b527776d6c46ec',NULL,NULL,NULL,1);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c0200001d','18ecbd787aa3b720fa90ff0c02000004','3a08ed49f4294d36bcf733a633af7b0e',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c0200001e','18ecbd787aa3b720fa90ff0c02000004','b3678e9c91af44bcbc16df426aca034c',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c02000020','18ecbd787aa3b720fa90ff0c02000004','c9a517a8faad41499c60d565eeb50d1c',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c02000021','18ecbd787aa3b720fa90ff0c02000004','d73682cf93a54f2dad356f0cad31465d',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787aa3b720fa90ff0c02000022','18ecbd787aa3b720fa90ff0c02000004','ec2a64f3ef30453889915c75b07d3d23',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e000006','18ecbd787c5e5bea901b921c6e000002','0632e2b469704cd1b58125e53206f2fe',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e000007','18ecbd787c5e5bea901b921c6e000002','11ac5da8879d4ee29591153033342b6e',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e000008','18ecbd787c5e5bea901b921c6e000002','50104a2f281f458886a27cbc7d549c91',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e000009','18ecbd787c5e5bea901b921c6e000002','a4d50912b3c24ef597053656bfbc7fc2',NULL,NULL,NULL,1);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e00000b','18ecbd787c5e5bea901b921c6e000001','0cea8c91c429433d93aedc85c0c6c9f8',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e00000d','18ecbd787c5e5bea901b921c6e000001','5f1b3e3408354736bf226ee740f6ed88',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e00000e','18ecbd787c5e5bea901b921c6e000001','e4e802a5cb1c489faa1b47c6b8f6b433',NULL,NULL,NULL,1);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e00000f','18ecbd787c5e5bea901b921c6e000005','08a801f965fa4e29ac377fa52fe752b3',2.5,NULL,0.5,0);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e000010','18ecbd787c5e5bea901b921c6e000005','1b0b7377aeb5467188dee29996112853',NULL,1.5,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e000012','18ecbd787c5e5bea901b921c6e000005','8c27f3eb5ed641779b975dfee82dd91b',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e000013','18ecbd787c5e5bea901b921c6e000003','1b4a897fc86c43cbb68a21bfa7b41317',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e000014','18ecbd787c5e5bea901b921c6e000003','26657c53473a4441ad9b8b60990511fc',NULL,NULL,NULL,1);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e000015','18ecbd787c5e5bea901b921c6e000003','32c74f24a0224f1d9a05674b9c8a60d3',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e000016','18ecbd787c5e5bea901b921c6e000003','3ae64578cb9d4fa2aa686271bb09ac07',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e000017','18ecbd787c5e5bea901b921c6e000003','6ababd6d2e9b4c76b9b4fbc4b3069be3',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e000018','18ecbd787c5e5bea901b921c6e000003','b1474051d5ad45c6a71c63adb10b0359',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e000019','18ecbd787c5e5bea901b921c6e000003','d0a2ea7c268c410da086951634c8b90f',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e00001b','18ecbd787c5e5bea901b921c6e000003','f9a89526118d41fd8fc0762d2eede295',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e00001c','18ecbd787c5e5bea901b921c6e000004','2476a8f8e5104a3198b527776d6c46ec',NULL,NULL,NULL,1);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e00001d','18ecbd787c5e5bea901b921c6e000004','3a08ed49f4294d36bcf733a633af7b0e',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e00001e','18ecbd787c5e5bea901b921c6e000004','b3678e9c91af44bcbc16df426aca034c',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e000020','18ecbd787c5e5bea901b921c6e000004','c9a517a8faad41499c60d565eeb50d1c',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e000021','18ecbd787c5e5bea901b921c6e000004','d73682cf93a54f2dad356f0cad31465d',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18ecbd787c5e5bea901b921c6e000022','18ecbd787c5e5bea901b921c6e000004','ec2a64f3ef30453889915c75b07d3d23',0.0,NULL,NULL,0);
CREATE TABLE grade_cells (
	id VARCHAR(32) NOT NULL, 
	max_score FLOAT NOT NULL, 
	cell_type VARCHAR(8) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(id) REFERENCES base_cell (id)
);
INSERT INTO "grade_cells" VALUES('0632e2b469704cd1b58125e53206f2fe',6.0,'code');
INSERT INTO "grade_cells" VALUES('11ac5da8879d4ee29591153033342b6e',2.0,'code');
INSERT INTO "grade_cells" VALUES('50104a2f281f458886a27cbc7d549c91',4.0,'code');
INSERT INTO "grade_cells" VALUES('a4d50912b3c24ef597053656bfbc7fc2',2.0,'markdown');
INSERT INTO "grade_cells" VALUES('0cea8c91c429433d93aedc85c0c6c9f8',11.0,'code');
INSERT INTO "grade_cells" VALUES('5f1b3e3408354736bf226ee740f6ed88',11.0,'code');
INSERT INTO "grade_cells" VALUES('e4e802a5cb1c489faa1b47c6b8f6b433',2.0,'markdown');
INSERT INTO "grade_cells" VALUES('8c27f3eb5ed641779b975dfee82dd91b',11.0,'code');
INSERT INTO "grade_cells" VALUES('08a801f965fa4e29ac377fa52fe752b3',11.0,'code');
INSERT INTO "grade_cells" VALUES('1b0b7377aeb5467188dee29996112853',2.0,'markdown');
INSERT INTO "grade_cells" VALUES('1b4a897fc86c43cbb68a21bfa7b41317',1.0,'code');
INSERT INTO "grade_cells" VALUES('6ababd6d2e9b4c76b9b4fbc4b3069be3',2.0,'code');
INSERT INTO "grade_cells" VALUES('3ae64578cb9d4fa2aa686271bb09ac07',3.0,'code');
INSERT INTO "grade_cells" VALUES('b1474051d5ad45c6a71c63adb10b0359',3.0,'code');
INSERT INTO "grade_cells" VALUES('32c74f24a0224f1d9a05674b9c8a60d3',4.0,'code');
INSERT INTO "grade_cells" VALUES('f9a89526118d41fd8fc0762d2eede295',2.0,'code');
INSERT INTO "grade_cells" VALUES('d0a2ea7c268c410da086951634c8b90f',3.0,'code');
INSERT INTO "grade_cells" VALUES('26657c53473a4441ad9b8b60990511fc',2.0,'markdown');
INSERT INTO "grade_cells" VALUES('3a08ed49f4294d36bcf733a633af7b0e',3.0,'code');
INSERT INTO "grade_cells" VALUES('ec2a64f3ef30453889915c75b07d3d23',3.0,'code');
INSERT INTO "grade_cells" VALUES('d73682cf93a54f2dad356f0cad31465d',5.0,'code');
INSERT INTO "grade_cells" VALUES('c9a517a8faad41499c60d565eeb50d1c',1.0,'code');
INSERT INTO "grade_cells" VALUES('b3678e9c91af44bcbc16df426aca034c',4.0,'code');
INSERT INTO "grade_cells" VALUES('2476a8f8e5104a3198b527776d6c46ec',2.0,'markdown');
CREATE TABLE notebook (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	assignment_id VARCHAR(32), 
	kernelspec VARCHAR(1024), 
	PRIMARY KEY (id), 
	UNIQUE (name, assignment_id), 
	FOREIGN KEY(assignment_id) REFERENCES assignment (id)
);
INSERT INTO "notebook" VALUES('7d0b381f14d842e0a4b0eca70804f0ec','1_gradient_check','3c6a14f512194f1c95c8345f06d31b9f','{"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}');
INSERT INTO "notebook" VALUES('30fd790f6fc74a30bb12532f5934bb18','2_svm','3c6a14f512194f1c95c8345f06d31b9f','{"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}');
INSERT INTO "notebook" VALUES('d75a7ae2cdf74aa89017015c85d7bf4f','3_softmax','3c6a14f512194f1c95c8345f06d31b9f','{"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}');
INSERT INTO "notebook" VALUES('f341b11df4904bfe8cf8363755213f19','4_regularization','3c6a14f512194f1c95c8345f06d31b9f','{"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}');
INSERT INTO "notebook" VALUES('c51dc6e56ae342b8b62872959cb625da','5_optimization','3c6a14f512194f1c95c8345f06d31b9f','{"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}');
CREATE TABLE solution_cells (
	id VARCHAR(32) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(id) REFERENCES base_cell (id)
);
INSERT INTO "solution_cells" VALUES('fdbefd57d66748cbbb008055fc755a18');
INSERT INTO "solution_cells" VALUES('2d858cdb0f304fedbeeea574f98a6a9b');
INSERT INTO "solution_cells" VALUES('2efea4e847c24c5c96147e496d42f776');
INSERT INTO "solution_cells" VALUES('edccb2621ae84a5baa85b44a6b43ba54');
INSERT INTO "solution_cells" VALUES('c195fec2d0ed4345abc9b7f4b2b3e13d');
CREATE TABLE source_cell (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	cell_type VARCHAR(8) NOT NULL, 
	locked BOOLEAN NOT NULL, 
	source TEXT, 
	checksum VARCHAR(128), 
	notebook_id VARCHAR(32), 
	PRIMARY KEY (id), 
	UNIQUE (name, notebook_id), 
	FOREIGN KEY(notebook_id) REFERENCES notebook (id)
);
INSERT INTO "source_cell" VALUES('1bee2bbcc6d34b10b07ddf44a50a22fe','eval_numerical_gradient','code',1,'check("eval_numerical_gradient")','715bbe30ca52ab607dd646ac6379e65b','7d0b381f14d842e0a4b0eca70804f0ec');
INSERT INTO "source_cell" VALUES('1136cd4365b54de78be18aa12b46d1e9','rel_error','code',1,'check("rel_error")','b42608f4a60a83067c7893bbcf661291','7d0b381f14d842e0a4b0eca70804f0ec');
INSERT INTO "source_cell" VALUES('da2162cafa9542ff96150fc82be9ed95','grad_check_sparse','code',1,'check("grad_check_sparse")','11dd1c573606c7dbeeac847d50b2e678','7d0b381f14d842e0a4b0eca70804f0ec');
INSERT INTO "source_cell" VALUES('87d7afa03f694be29dbed145af33c9af','1_gradient_check_question','markdown',0,'*Your answer (double-click here to write):*','ff37f5efce6beb70a059389aff610323','7d0b381f14d842e0a4b0eca70804f0ec');
INSERT INTO "source_cell" VALUES('5c9b81d7b88944f7bdb0a2a46bad312a','svm_loss_naive','code',1,'check("svm_loss_naive")','5ee0dde2e55203ca5b13efb9877274dd','30fd790f6fc74a30bb12532f5934bb18');
INSERT INTO "source_cell" VALUES('a13b0d05da0c48da896ce69df9258c3c','svm_loss_vectorized','code',1,'check("svm_loss_vectorized")','e8e6416e5a1c2e435532ca50e1932aaf','30fd790f6fc74a30bb12532f5934bb18');
INSERT INTO "source_cell" VALUES('55fce70da76d4abe979edda3454863b7','2_svm_question','markdown',0,'*Your answer (double-click here to write):*','d18a4808832ab774f10c5868c18c36d5','30fd790f6fc74a30bb12532f5934bb18');
INSERT INTO "source_cell" VALUES('6c25aedf35a74f90a70dbd37bf01b566','softmax_loss_naive','code',1,'check("softmax_loss_naive")','f9b2eff4573f4dfa543f859ac842c41a','d75a7ae2cdf74aa89017015c85d7bf4f');
INSERT INTO "source_cell" VALUES('9d123c2162bb4636ad0c273e53afa227','softmax_loss_vectorized','code',1,'check("softmax_loss_vectorized")','4e2b617097dbdb6a6003eb292742373b','d75a7ae2cdf74aa89017015c85d7bf4f');
INSERT INTO "source_cell" VALUES('ba29609baee445b4a0f42cd61e3de142','3_softmax_question','markdown',0,'*Your answer (double-click here to write):*','09870e4aaf2d796996bbd8473ee1c122','d75a7ae2cdf74aa89017015c85d7bf4f');
INSERT INTO "source_cell" VALUES('512a2917bd604cc9a6628fb97b5ed449','l2_penalty','code',1,'check("l2_penalty")','6fcb05794fd92ea7b9b9f5e4fa1b5be8','f341b11df4904bfe8cf8363755213f19');
INSERT INTO "source_cell" VALUES('95122b0ec85b401fb097154c6fb5fed7','l1_penalty','code',1,'check("l1_penalty")','67f48a06e0a44c209bf66031041e5ed9','f341b11df4904bfe8cf8363755213f19');
INSERT INTO "source_cell" VALUES('47a5077197034a92a3546a147828b7cd','elastic_net_penalty','code',1,'check("elastic_net_penalty")','3d7a3356751a321c3d47c6a802775c14','f341b11df4904bfe8cf8363755213f19');
INSERT INTO "source_cell" VALUES('c020980f482840ddbcce40c28c378bea','batchnorm_forward','code',1,'check("batchnorm_forward")','2294539e267b22c7ba108a652e2bc9be','f341b11df4904bfe8cf8363755213f19');
INSERT INTO "source_cell" VALUES('873d863adc9f4256b12d62a4d08b69a4','batchnorm_backward','code',1,'check("batchnorm_backward")','bff137bf78b4647fa2c18bafd4246a82','f341b11df4904bfe8cf8363755213f19');
INSERT INTO "source_cell" VALUES('c2a6728509f44161bd77d9bdba7ca067','stochastic_depth_forward','code',1,'check("stochastic_depth_forward")','9cd08569b4261d886e080e23281857a2','f341b11df4904bfe8cf8363755213f19');
INSERT INTO "source_cell" VALUES('fb755a5e53ae4e0d8e068e5800408891','stochastic_depth_backward','code',1,'check("stochastic_depth_backward")','536c38805286907b75e53415946aa707','f341b11df4904bfe8cf8363755213f19');
INSERT INTO "source_cell" VALUES('815fa4a9e40f40049832663e2709ab00','4_regularization_question','markdown',0,'*Your answer (double-click here to write):*','bd0bca236d60ee184ae6d1ab2fb8b925','f341b11df4904bfe8cf8363755213f19');
INSERT INTO "source_cell" VALUES('43c5321362fb4461b057814a17e7a9ac','random_search','code',1,'check("random_search")','2b2b377cb08a43dfa4496ac466c0c26d','c51dc6e56ae342b8b62872959cb625da');
INSERT INTO "source_cell" VALUES('105d7e06d68f4e35bdc9d391f22630c2','gradient_descent','code',1,'check("gradient_descent")','6c55b22dbd08be4df034b8d604edd6bb','c51dc6e56ae342b8b62872959cb625da');
INSERT INTO "source_cell" VALUES('b38a71fb623e4d609bd773f37f33d981','LinearClassifier-train','code',1,'check("LinearClassifier.train")','cb839c713f4af3c60eced47121a6fc45','c51dc6e56ae342b8b62872959cb625da');
INSERT INTO "source_cell" VALUES('52f332fdf0a54f01ac0ef99f3531c10d','LinearClassifier-predict','code',1,'check("LinearClassifier.predict")','fc90d9c35c5a05ced99fabc6302ed1ed','c51dc6e56ae342b8b62872959cb625da');
INSERT INTO "source_cell" VALUES('df8129741b994889aed4f0e0cc8fb6ae','best_model-npz','code',1,'check("best_model.npz")','548f0717962e6cd8f9890bdc78d0c43a','c51dc6e56ae342b8b62872959cb625da');
INSERT INTO "source_cell" VALUES('2b29c18fd20940ea9447beef360bed4f','5_optimization_question','markdown',0,'*Your answer (double-click here to write):*','dc92f11f48d5159ed59435b305e45573','c51dc6e56ae342b8b62872959cb625da');
CREATE TABLE student (
	id VARCHAR(128) NOT NULL, 
	first_name VARCHAR(128), 
	last_name VARCHAR(128), 
	email VARCHAR(128), 
	lms_user_id VARCHAR(128), 
	PRIMARY KEY (id)
);
INSERT INTO "student" VALUES('ann',NULL,NULL,NULL,NULL);
INSERT INTO "student" VALUES('bob',NULL,NULL,NULL,NULL);
CREATE TABLE submitted_assignment (
	id VARCHAR(32) NOT NULL, 
	assignment_id VARCHAR(32), 
	student_id VARCHAR(128), 
	timestamp DATETIME, 
	extension DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (assignment_id, student_id), 
	FOREIGN KEY(assignment_id) REFERENCES assignment (id), 
	FOREIGN KEY(student_id) REFERENCES student (id)
);
INSERT INTO "submitted_assignment" VALUES('18ecbd787aa3b720fa90ff0c02000000','3c6a14f512194f1c95c8345f06d31b9f','ann',NULL,NULL);
INSERT INTO "submitted_assignment" VALUES('18ecbd787c5e5bea901b921c6e000000','3c6a14f512194f1c95c8345f06d31b9f','bob',NULL,NULL);
CREATE TABLE submitted_notebook (
	id VARCHAR(32) NOT NULL, 
	assignment_id VARCHAR(32), 
	notebook_id VARCHAR(32), 
	flagged BOOLEAN, 
	late_submission_penalty FLOAT, 
	PRIMARY KEY (id), 
	UNIQUE (notebook_id, assignment_id), 
	FOREIGN KEY(assignment_id) REFERENCES submitted_assignment (id), 
	FOREIGN KEY(notebook_id) REFERENCES notebook (id)
);
INSERT INTO "submitted_notebook" VALUES('18ecbd787aa3b720fa90ff0c02000001','18ecbd787aa3b720fa90ff0c02000000','30fd790f6fc74a30bb12532f5934bb18',0,NULL);
INSERT INTO "submitted_notebook" VALUES('18ecbd787aa3b720fa90ff0c02000002','18ecbd787aa3b720fa90ff0c02000000','7d0b381f14d842e0a4b0eca70804f0ec',0,NULL);
INSERT INTO "submitted_notebook" VALUES('18ecbd787aa3b720fa90ff0c02000003','18ecbd787aa3b720fa90ff0c02000000','f341b11df4904bfe8cf8363755213f19',0,NULL);
INSERT INTO "submitted_notebook" VALUES('18ecbd787aa3b720fa90ff0c02000004','18ecbd787aa3b720fa90ff0c02000000','c51dc6e56ae342b8b62872959cb625da',0,NULL);
INSERT INTO "submitted_notebook" VALUES('18ecbd787aa3b720fa90ff0c02000005','18ecbd787aa3b720fa90ff0c02000000','d75a7ae2cdf74aa89017015c85d7bf4f',0,NULL);
INSERT INTO "submitted_notebook" VALUES('18ecbd787c5e5bea901b921c6e000001','18ecbd787c5e5bea901b921c6e000000','30fd790f6fc74a30bb12532f5934bb18',0,NULL);
INSERT INTO "submitted_notebook" VALUES('18ecbd787c5e5bea901b921c6e000002','18ecbd787c5e5bea901b921c6e000000','7d0b381f14d842e0a4b0eca70804f0ec',0,NULL);
INSERT INTO "submitted_notebook" VALUES('18ecbd787c5e5bea901b921c6e000003','18ecbd787c5e5bea901b921c6e000000','f341b11df4904bfe8cf8363755213f19',0,NULL);
INSERT INTO "submitted_notebook" VALUES('18ecbd787c5e5bea901b921c6e000004','18ecbd787c5e5bea901b921c6e000000','c51dc6e56ae342b8b62872959cb625da',0,NULL);
INSERT INTO "submitted_notebook" VALUES('18ecbd787c5e5bea901b921c6e000005','18ecbd787c5e5bea901b921c6e000000','d75a7ae2cdf74aa89017015c85d7bf4f',0,NULL);
CREATE TABLE task_cells (
	id VARCHAR(32) NOT NULL, 
	max_score FLOAT NOT NULL, 
	cell_type VARCHAR(8) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(id) REFERENCES base_cell (id)
);
CREATE INDEX ix_submitted_notebook_assignment_id ON submitted_notebook (assignment_id);
CREATE INDEX ix_grade_notebook_id ON grade (notebook_id);
COMMIT;
