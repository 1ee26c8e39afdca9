# nd_qr_fold has 30 KB of rows under way on its stack, and is called for each block of rows.
nadir_keep_uncleared(src/base/dense_qr.c)
# The same for a few hundred values, which are called for each column of each chunk.
nadir_keep_uncleared(src/base/statistics.c)
nadir_keep_uncleared(src/base/quartiles.c)
# Of the two files that say what ranks are, one is built.
if(NADIR_MPI)
  target_link_libraries(nadir_base PUBLIC MPI::MPI_C)
  set(nadir_other_ranks src/base/ranks_alone.c)
else()
  set(nadir_other_ranks src/base/ranks_mpi.c)
endif()
set_source_files_properties(${nadir_other_ranks} PROPERTIES HEADER_FILE_ONLY ON)
