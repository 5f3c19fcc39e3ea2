/*
 * vector - leave the processor as other code likes to find it
 */
#ifndef ZDB_CORE_CODEC_VECTOR_H
#define ZDB_CORE_CODEC_VECTOR_H

/* To be called after every function of ISA-L. Its AVX code returns without
 * clearing the upper halves of the vector registers; until somebody does,
 * SSE code waits for them: a merge in SQLite took 1.5 times as long. (Intel 64
 * and IA-32 Architectures Optimization Reference Manual, "Mixing AVX code with
 * SSE code") */
void zdb_vector_clear(void);

#endif
