assert rel_error(np.ones(2), np.ones(2)) == 0

if __name__ == "__main__":
    import unittest

    unittest.main()
