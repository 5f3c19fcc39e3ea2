/*
 * age_test - two key pairs that the tests use
 */
#ifndef ZDB_TEST_CORE_AGE_TEST_H
#define ZDB_TEST_CORE_AGE_TEST_H

#define ANN "age1fmsqqg2nup6fgw0fdwaw2a0efefv3g5v828pj5s75qas707h9gcqs33faa"
#define ANN_KEY       \
	"AGE-SECRET-KEY-" \
	"1FTG0GA2H4SD65PWFP04AE87SR8CM76QVC7ASW9X9JLD6TF73LMPQ5U4PQ8"

#define BOB "age1ztdtt76g867p0y7tywqtqc3csujrkftvhhkg65etqn89l9469c2sepqka9"
#define BOB_KEY       \
	"AGE-SECRET-KEY-" \
	"17D9MXXS3XZ39355XCJ2EZ2UVCQ85ANDZ8AVE3EP9X8RPGFAK6LXS0N0RZG"

#endif
