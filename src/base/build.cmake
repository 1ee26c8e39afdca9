# nd_qr_fold has 30 KB of rows under way on its stack, and is called for each block of rows.
nadir_keep_uncleared(src/base/dense_qr.c)
# The same for a few hundred values, which are called for each column of each chunk.
nadir_keep_uncleared(src/base/statistics.c)
nadir_keep_uncleared(src/base/quartiles.c)
