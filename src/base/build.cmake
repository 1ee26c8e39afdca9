# nd_qr_fold has 30 KB of rows under way on its stack, and is called for each block of rows.
nadir_keep_uncleared(src/base/dense_qr.c)
