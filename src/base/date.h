/* The date (clock.c). */
#ifndef ND_DATE_H
#define ND_DATE_H

enum { ND_DATE_TEXT = 24 };
/* Of now, or of SOURCE_DATE_EPOCH where the environment has it, in UTC: "2026-11-29T16:30:00Z". */
const char *nd_date(char date[ND_DATE_TEXT]);

#endif
