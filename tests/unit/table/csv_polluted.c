/* Text files that are polluted in every way that Pollock lists (G. Vitagliano, M. Hameed, L. Jiang, L. Reisener, E. Wu
 * and F. Naumann, "Pollock: A Data Loading Benchmark", PVLDB 16, 2023): the file, its lines above and below the table,
 * its delimiters, quotes and escapes, of all rows or of one, its names, further tables, and numbers in other forms. The
 * list is theirs, the tables are made for this test. Each is read right, or refused in a sentence with its row; what
 * was made text by one cell is refused, with the cell's row, where it is asked for as numbers. */
#include "table_test.h"

static const struct {
  const char *pollution, *text;
  const char *reads; /* names, types and cells; NULL: refused */
  const char *says;  /* where it is refused */
} cases[] = {
    {"as it should be",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"all cells quoted",
     "\"star\",\"distance\",\"mag\",\"n\"\n\"Vega\",\"7.68\",\"0.03\",\"12\"\n\"Altair, "
     "b\",\"5.13\",\"0.76\",\"31\"\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n\"Sirius\",\"2.64\",\"-1.46\",\"57\"\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"UTF-8", "star,distance,mag,n\nV\303\251ga,7.68,0.03,12\n",
     "star:T distance:R mag:R n:I | V\303\251ga 7.68 0.03 12", NULL},
    {"Latin-1", "star,distance,mag,n\nV\351ga,7.68,0.03,12\n",
     "star:T distance:R mag:R n:I | V\351ga 7.68 0.03 12", NULL},
    {"one column", "star\nVega\nSirius\n", "star:T | Vega | Sirius", NULL},
    {"one column of numbers", "mag\n0.03\n-1.46\n", "mag:R | 0.03 | -1.46", NULL},
    {"one row", "star,distance,mag,n\nVega,7.68,0.03,12\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12", NULL},
    {"no rows", "star,distance,mag,n\n", "star:R distance:R mag:R n:R", NULL},
    {"no header",
     "Vega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "c1:T c2:R c3:R c4:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 1.25 9 | "
     "Sirius 2.64 -1.46 57",
     NULL},
    {"preamble, delimited",
     "NOTES,,,\nNOTES,,,\nNOTES,,,\nstar,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, "
     "b\",5.13,0.76,31\n\"Deneb \"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 1: one of its 4 cells holds text and no row of numbers follo"},
    {"preamble, not delimited",
     "NOTES\nNOTES\nNOTES\nstar,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, "
     "b\",5.13,0.76,31\n\"Deneb \"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 4: 4 cells where the table has 1 column"},
    {"preamble, delimited, empty row",
     "NOTES,,,\nNOTES,,,\nNOTES,,,\n,,,\nstar,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, "
     "b\",5.13,0.76,31\n\"Deneb \"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 1: one of its 4 cells holds text and no row of numbers follo"},
    {"preamble, not delimited, empty row",
     "NOTES\nNOTES\nNOTES\n\nstar,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, "
     "b\",5.13,0.76,31\n\"Deneb \"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 5: 4 cells where the table has 1 column"},
    {"preamble of prose with commas",
     "Stars, bright\nby me, 2026, in a hurry\n\nstar,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, "
     "b\",5.13,0.76,31\n\"Deneb \"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 2: 3 cells where the table has 2 columns"},
    {"footnote, delimited",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\nNOTES,,,\nNOTES,,,\nNOTES,,,\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57 | NOTES - - - | NOTES - - - | NOTES - - -",
     NULL},
    {"footnote, not delimited",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\nNOTES\nNOTES\nNOTES\n",
     NULL, "t.csv:row 6: 1 cell where the table has 4 columns"},
    {"footnote, delimited, empty row",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n,,,\nNOTES,,,\nNOTES,,,\nNOTES,,,\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57 | - - - - | NOTES - - - | NOTES - - - | NOTES - - -",
     NULL},
    {"footnote, not delimited, empty row",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n\nNOTES\nNOTES\nNOTES\n",
     NULL, "t.csv:row 7: 1 cell where the table has 4 columns"},
    {"totals below",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\ntotal,,,109\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57 | total - - 109",
     NULL},
    {"records end in LF",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"records end in CR LF",
     "star,distance,mag,n\r\nVega,7.68,0.03,12\r\n\"Altair, b\",5.13,0.76,31\r\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\r\nSirius,2.64,-1.46,57\r\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"records end in CR",
     "star,distance,mag,n\rVega,7.68,0.03,12\r\"Altair, b\",5.13,0.76,31\r\"Deneb "
     "\"\"x\"\"\",802,1.25,9\rSirius,2.64,-1.46,57\r",
     NULL, "t.csv: its lines end in carriage returns alone"},
    {"cells between semicolons",
     "star;distance;mag;n\nVega;7.68;0.03;12\n\"Altair, b\";5.13;0.76;31\n\"Deneb "
     "\"\"x\"\"\";802;1.25;9\nSirius;2.64;-1.46;57\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"cells between semicolons, all quoted",
     "\"star\";\"distance\";\"mag\";\"n\"\n\"Vega\";\"7.68\";\"0.03\";\"12\"\n\"Altair, "
     "b\";\"5.13\";\"0.76\";\"31\"\n\"Deneb "
     "\"\"x\"\"\";\"802\";\"1.25\";\"9\"\n\"Sirius\";\"2.64\";\"-1.46\";\"57\"\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"cells between bars",
     "star|distance|mag|n\nVega|7.68|0.03|12\n\"Altair, b\"|5.13|0.76|31\n\"Deneb "
     "\"\"x\"\"\"|802|1.25|9\nSirius|2.64|-1.46|57\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"cells between bars, all quoted",
     "\"star\"|\"distance\"|\"mag\"|\"n\"\n\"Vega\"|\"7.68\"|\"0.03\"|\"12\"\n\"Altair, "
     "b\"|\"5.13\"|\"0.76\"|\"31\"\n\"Deneb "
     "\"\"x\"\"\"|\"802\"|\"1.25\"|\"9\"\n\"Sirius\"|\"2.64\"|\"-1.46\"|\"57\"\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"cells between blanks",
     "star distance mag n\nVega 7.68 0.03 12\n\"Altair, b\" 5.13 0.76 31\n\"Deneb \"\"x\"\"\" 802 "
     "1.25 9\nSirius 2.64 -1.46 57\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"cells between blanks, all quoted",
     "\"star\" \"distance\" \"mag\" \"n\"\n\"Vega\" \"7.68\" \"0.03\" \"12\"\n\"Altair, b\" "
     "\"5.13\" \"0.76\" \"31\"\n\"Deneb \"\"x\"\"\" \"802\" \"1.25\" \"9\"\n\"Sirius\" \"2.64\" "
     "\"-1.46\" \"57\"\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"cells between tabs",
     "star\tdistance\tmag\tn\nVega\t7.68\t0.03\t12\n\"Altair, b\"\t5.13\t0.76\t31\n\"Deneb "
     "\"\"x\"\"\"\t802\t1.25\t9\nSirius\t2.64\t-1.46\t57\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"cells between tabs, all quoted",
     "\"star\"\t\"distance\"\t\"mag\"\t\"n\"\n\"Vega\"\t\"7.68\"\t\"0.03\"\t\"12\"\n\"Altair, "
     "b\"\t\"5.13\"\t\"0.76\"\t\"31\"\n\"Deneb "
     "\"\"x\"\"\"\t\"802\"\t\"1.25\"\t\"9\"\n\"Sirius\"\t\"2.64\"\t\"-1.46\"\t\"57\"\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"cells between two tabs",
     "star\t\tdistance\t\tmag\t\tn\nVega\t\t7.68\t\t0.03\t\t12\n\"Altair, "
     "b\"\t\t5.13\t\t0.76\t\t31\n\"Deneb "
     "\"\"x\"\"\"\t\t802\t\t1.25\t\t9\nSirius\t\t2.64\t\t-1.46\t\t57\n",
     "star:T c2:R distance:R c4:R mag:R c6:R n:I | Vega - 7.68 - 0.03 - 12 | Altair, b - 5.13 - "
     "0.76 - 31 | Deneb \"x\" - 802 - 1.25 - 9 | Sirius - 2.64 - -1.46 - 57",
     NULL},
    {"cells between two tabs, all quoted",
     "\"star\"\t\t\"distance\"\t\t\"mag\"\t\t\"n\"\n\"Vega\"\t\t\"7.68\"\t\t\"0."
     "03\"\t\t\"12\"\n\"Altair, b\"\t\t\"5.13\"\t\t\"0.76\"\t\t\"31\"\n\"Deneb "
     "\"\"x\"\"\"\t\t\"802\"\t\t\"1.25\"\t\t\"9\"\n\"Sirius\"\t\t\"2.64\"\t\t\"-1.46\"\t\t\"57\"\n",
     "star:T c2:R distance:R c4:R mag:R c6:R n:I | Vega - 7.68 - 0.03 - 12 | Altair, b - 5.13 - "
     "0.76 - 31 | Deneb \"x\" - 802 - 1.25 - 9 | Sirius - 2.64 - -1.46 - 57",
     NULL},
    {"cells between colons",
     "star:distance:mag:n\nVega:7.68:0.03:12\n\"Altair, b\":5.13:0.76:31\n\"Deneb "
     "\"\"x\"\"\":802:1.25:9\nSirius:2.64:-1.46:57\n",
     NULL, "t.csv:row 3: text follows the quote that closes a cell"},
    {"cells between colons, all quoted",
     "\"star\":\"distance\":\"mag\":\"n\"\n\"Vega\":\"7.68\":\"0.03\":\"12\"\n\"Altair, "
     "b\":\"5.13\":\"0.76\":\"31\"\n\"Deneb "
     "\"\"x\"\"\":\"802\":\"1.25\":\"9\"\n\"Sirius\":\"2.64\":\"-1.46\":\"57\"\n",
     NULL, "t.csv:row 1: text follows the quote that closes a cell"},
    {"cells between comma and blank",
     "star, distance, mag, n\nVega, 7.68, 0.03, 12\n\"Altair, b\", 5.13, 0.76, 31\n\"Deneb "
     "\"\"x\"\"\", 802, 1.25, 9\nSirius, 2.64, -1.46, 57\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"cells between comma and blank, all quoted",
     "\"star\", \"distance\", \"mag\", \"n\"\n\"Vega\", \"7.68\", \"0.03\", \"12\"\n\"Altair, b\", "
     "\"5.13\", \"0.76\", \"31\"\n\"Deneb \"\"x\"\"\", \"802\", \"1.25\", \"9\"\n\"Sirius\", "
     "\"2.64\", \"-1.46\", \"57\"\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"cells between a backslash and a t",
     "star\\tdistance\\tmag\\tn\nVega\\t7.68\\t0.03\\t12\n\"Altair, "
     "b\"\\t5.13\\t0.76\\t31\n\"Deneb \"\"x\"\"\"\\t802\\t1.25\\t9\nSirius\\t2.64\\t-1.46\\t57\n",
     NULL, "t.csv:row 3: text follows the quote that closes a cell"},
    {"cells between a backslash and a t, all quoted",
     "\"star\"\\t\"distance\"\\t\"mag\"\\t\"n\"\n\"Vega\"\\t\"7.68\"\\t\"0.03\"\\t\"12\"\n\"Altair,"
     " b\"\\t\"5.13\"\\t\"0.76\"\\t\"31\"\n\"Deneb "
     "\"\"x\"\"\"\\t\"802\"\\t\"1.25\"\\t\"9\"\n\"Sirius\"\\t\"2.64\"\\t\"-1.46\"\\t\"57\"\n",
     NULL, "t.csv:row 1: text follows the quote that closes a cell"},
    {"apostrophes for quotes",
     "star,distance,mag,n\nVega,7.68,0.03,12\n'Altair, b',5.13,0.76,31\n'Deneb "
     "\"x\"',802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 3: 5 cells where the table has 4 columns"},
    {"apostrophes for quotes, all",
     "'star','distance','mag','n'\n'Vega','7.68','0.03','12'\n'Altair, "
     "b','5.13','0.76','31'\n'Deneb \"x\"','802','1.25','9'\n'Sirius','2.64','-1.46','57'\n",
     NULL, "t.csv:row 3: 5 cells where the table has 4 columns"},
    {"quote and blank",
     "\" star \",\" distance \",\" mag \",\" n \"\n\" Vega \",\" 7.68 \",\" 0.03 \",\" 12 \"\n\" "
     "Altair, b \",\" 5.13 \",\" 0.76 \",\" 31 \"\n\" Deneb \"\"x\"\" \",\" 802 \",\" 1.25 \",\" 9 "
     "\"\n\" Sirius \",\" 2.64 \",\" -1.46 \",\" 57 \"\n",
     "star:T distance:R mag:R n:I |  Vega  7.68 0.03 12 |  Altair, b  5.13 0.76 31 |  Deneb \"x\"  "
     "802 1.25 9 |  Sirius  2.64 -1.46 57",
     NULL},
    {"quote and blank, outside",
     "\"star\" ,\"distance\" ,\"mag\" ,\"n\" \n\"Vega\" ,\"7.68\" ,\"0.03\" ,\"12\" \n\"Altair, "
     "b\" ,\"5.13\" ,\"0.76\" ,\"31\" \n\"Deneb \"\"x\"\"\" ,\"802\" ,\"1.25\" ,\"9\" \n\"Sirius\" "
     ",\"2.64\" ,\"-1.46\" ,\"57\" \n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"header empty",
     "\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "c1:T c2:R c3:R c4:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 1.25 9 | "
     "Sirius 2.64 -1.46 57",
     NULL},
    {"header of more cells",
     "star,distance,mag,n,n,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 2: 4 cells where the table has 6 columns"},
    {"header of fewer cells",
     "star,distance\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 2: 4 cells where the table has 2 columns"},
    {"header ends in CR LF",
     "star,distance,mag,n\r\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"header ends in CR",
     "star,distance,mag,n\rVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 2: 4 cells where the table has 7 columns"},
    {"header between semicolons",
     "star;distance;mag;n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 2: 4 cells where the table has 1 column"},
    {"header between semicolons, all quoted",
     "\"star\";\"distance\";\"mag\";\"n\"\n\"Vega\",\"7.68\",\"0.03\",\"12\"\n\"Altair, "
     "b\",\"5.13\",\"0.76\",\"31\"\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n\"Sirius\",\"2.64\",\"-1.46\",\"57\"\n",
     NULL, "t.csv:row 1: text follows the quote that closes a cell"},
    {"header in apostrophes",
     "'star','distance','mag','n'\n\"Vega\",\"7.68\",\"0.03\",\"12\"\n\"Altair, "
     "b\",\"5.13\",\"0.76\",\"31\"\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n\"Sirius\",\"2.64\",\"-1.46\",\"57\"\n",
     "'star':T 'distance':R 'mag':R 'n':I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb "
     "\"x\" 802 1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"header escapes by backslashes",
     "\"star\\\"\",\"distance\\\"\",\"mag\\\"\",\"n\\\"\"\n\"Vega\",\"7.68\",\"0.03\","
     "\"12\"\n\"Altair, b\",\"5.13\",\"0.76\",\"31\"\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n\"Sirius\",\"2.64\",\"-1.46\",\"57\"\n",
     NULL, "t.csv:row 1: text follows the quote that closes a cell"},
    {"header with one delimiter more",
     "star,,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 2: 4 cells where the table has 5 columns"},
    {"header with one delimiter less",
     "star,distance,magn\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 2: 4 cells where the table has 3 columns"},
    {"header with a quote more",
     "\"\"star\",\"distance\",\"mag\",\"n\"\n\"Vega\",\"7.68\",\"0.03\",\"12\"\n\"Altair, "
     "b\",\"5.13\",\"0.76\",\"31\"\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n\"Sirius\",\"2.64\",\"-1.46\",\"57\"\n",
     NULL, "t.csv:row 1: text follows the quote that closes a cell"},
    {"header with a quote more in the last cell",
     "\"star\",\"distance\",\"mag\",\"n\"\"\n\"Vega\",\"7.68\",\"0.03\",\"12\"\n\"Altair, "
     "b\",\"5.13\",\"0.76\",\"31\"\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n\"Sirius\",\"2.64\",\"-1.46\",\"57\"\n",
     NULL, "t.csv:row 1: text follows the quote that closes a cell"},
    {"header with a quote in a number",
     "star,d\"istance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "star:T d\"istance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"first row empty",
     "star,distance,mag,n\n\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "star:T distance:R mag:R n:I | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 1.25 9 | Sirius 2.64 "
     "-1.46 57",
     NULL},
    {"first row of more cells",
     "star,distance,mag,n\nVega,7.68,0.03,12,12,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 2: 6 cells where the table has 4 columns"},
    {"first row of fewer cells",
     "star,distance,mag,n\nVega,7.68\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 2: 2 cells where the table has 4 columns"},
    {"first row ends in CR LF",
     "star,distance,mag,n\nVega,7.68,0.03,12\r\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"first row ends in CR",
     "star,distance,mag,n\nVega,7.68,0.03,12\r\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 2: 8 cells where the table has 4 columns"},
    {"first row between semicolons",
     "star,distance,mag,n\nVega;7.68;0.03;12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 2: 1 cell where the table has 4 columns"},
    {"first row between semicolons, all quoted",
     "\"star\",\"distance\",\"mag\",\"n\"\n\"Vega\";\"7.68\";\"0.03\";\"12\"\n\"Altair, "
     "b\",\"5.13\",\"0.76\",\"31\"\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n\"Sirius\",\"2.64\",\"-1.46\",\"57\"\n",
     NULL, "t.csv:row 2: text follows the quote that closes a cell"},
    {"first row in apostrophes",
     "\"star\",\"distance\",\"mag\",\"n\"\n'Vega','7.68','0.03','12'\n\"Altair, "
     "b\",\"5.13\",\"0.76\",\"31\"\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n\"Sirius\",\"2.64\",\"-1.46\",\"57\"\n",
     "star:T distance:T mag:T n:T | 'Vega' '7.68' '0.03' '12' | Altair, b 5.13 0.76 31 | Deneb "
     "\"x\" 802 1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"first row escapes by backslashes",
     "\"star\",\"distance\",\"mag\",\"n\"\n\"Vega\\\"\",\"7.68\\\"\",\"0.03\\\"\","
     "\"12\\\"\"\n\"Altair, b\",\"5.13\",\"0.76\",\"31\"\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n\"Sirius\",\"2.64\",\"-1.46\",\"57\"\n",
     NULL, "t.csv:row 2: text follows the quote that closes a cell"},
    {"first row with one delimiter more",
     "star,distance,mag,n\nVega,,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 2: 5 cells where the table has 4 columns"},
    {"first row with one delimiter less",
     "star,distance,mag,n\nVega,7.68,0.0312\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 2: 3 cells where the table has 4 columns"},
    {"first row with a quote more",
     "\"star\",\"distance\",\"mag\",\"n\"\n\"\"Vega\",\"7.68\",\"0.03\",\"12\"\n\"Altair, "
     "b\",\"5.13\",\"0.76\",\"31\"\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n\"Sirius\",\"2.64\",\"-1.46\",\"57\"\n",
     NULL, "t.csv:row 2: text follows the quote that closes a cell"},
    {"first row with a quote more in the last cell",
     "\"star\",\"distance\",\"mag\",\"n\"\n\"Vega\",\"7.68\",\"0.03\",\"12\"\"\n\"Altair, "
     "b\",\"5.13\",\"0.76\",\"31\"\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n\"Sirius\",\"2.64\",\"-1.46\",\"57\"\n",
     NULL, "t.csv:row 2: text follows the quote that closes a cell"},
    {"first row with a quote in a number",
     "star,distance,mag,n\nVega,7\".68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "star:T distance:T mag:R n:I | Vega 7\".68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"middle row empty",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Deneb \"x\" 802 1.25 9 | Sirius 2.64 -1.46 "
     "57",
     NULL},
    {"middle row of more cells",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31,31,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 3: 6 cells where the table has 4 columns"},
    {"middle row of fewer cells",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 3: 2 cells where the table has 4 columns"},
    {"middle row ends in CR LF",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\r\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"middle row ends in CR",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\r\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 3: 7 cells where the table has 4 columns"},
    {"middle row between semicolons",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\";5.13;0.76;31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 3: text follows the quote that closes a cell"},
    {"middle row between semicolons, all quoted",
     "\"star\",\"distance\",\"mag\",\"n\"\n\"Vega\",\"7.68\",\"0.03\",\"12\"\n\"Altair, "
     "b\";\"5.13\";\"0.76\";\"31\"\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n\"Sirius\",\"2.64\",\"-1.46\",\"57\"\n",
     NULL, "t.csv:row 3: text follows the quote that closes a cell"},
    {"middle row in apostrophes",
     "\"star\",\"distance\",\"mag\",\"n\"\n\"Vega\",\"7.68\",\"0.03\",\"12\"\n'Altair, "
     "b','5.13','0.76','31'\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n\"Sirius\",\"2.64\",\"-1.46\",\"57\"\n",
     NULL, "t.csv:row 3: 5 cells where the table has 4 columns"},
    {"middle row escapes by backslashes",
     "\"star\",\"distance\",\"mag\",\"n\"\n\"Vega\",\"7.68\",\"0.03\",\"12\"\n\"Altair, "
     "b\\\"\",\"5.13\\\"\",\"0.76\\\"\",\"31\\\"\"\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n\"Sirius\",\"2.64\",\"-1.46\",\"57\"\n",
     NULL, "t.csv:row 3: text follows the quote that closes a cell"},
    {"middle row with one delimiter more",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair,, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair,, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"middle row with one delimiter less",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.7631\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 3: 3 cells where the table has 4 columns"},
    {"middle row with a quote more",
     "\"star\",\"distance\",\"mag\",\"n\"\n\"Vega\",\"7.68\",\"0.03\",\"12\"\n\"\"Altair, "
     "b\",\"5.13\",\"0.76\",\"31\"\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n\"Sirius\",\"2.64\",\"-1.46\",\"57\"\n",
     NULL, "t.csv:row 3: text follows the quote that closes a cell"},
    {"middle row with a quote more in the last cell",
     "\"star\",\"distance\",\"mag\",\"n\"\n\"Vega\",\"7.68\",\"0.03\",\"12\"\n\"Altair, "
     "b\",\"5.13\",\"0.76\",\"31\"\"\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n\"Sirius\",\"2.64\",\"-1.46\",\"57\"\n",
     NULL, "t.csv:row 3: text follows the quote that closes a cell"},
    {"middle row with a quote in a number",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5\".13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "star:T distance:T mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5\".13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"last row empty",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\n\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9",
     NULL},
    {"last row of more cells",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57,57,57\n",
     NULL, "t.csv:row 5: 6 cells where the table has 4 columns"},
    {"last row of fewer cells",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64\n",
     NULL, "t.csv:row 5: 2 cells where the table has 4 columns"},
    {"last row ends in CR LF",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\r\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"last row ends in CR",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\r",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"last row between semicolons",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius;2.64;-1.46;57\n",
     NULL, "t.csv:row 5: 1 cell where the table has 4 columns"},
    {"last row between semicolons, all quoted",
     "\"star\",\"distance\",\"mag\",\"n\"\n\"Vega\",\"7.68\",\"0.03\",\"12\"\n\"Altair, "
     "b\",\"5.13\",\"0.76\",\"31\"\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n\"Sirius\";\"2.64\";\"-1.46\";\"57\"\n",
     NULL, "t.csv:row 5: text follows the quote that closes a cell"},
    {"last row in apostrophes",
     "\"star\",\"distance\",\"mag\",\"n\"\n\"Vega\",\"7.68\",\"0.03\",\"12\"\n\"Altair, "
     "b\",\"5.13\",\"0.76\",\"31\"\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n'Sirius','2.64','-1.46','57'\n",
     "star:T distance:T mag:T n:T | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | 'Sirius' '2.64' '-1.46' '57'",
     NULL},
    {"last row escapes by backslashes",
     "\"star\",\"distance\",\"mag\",\"n\"\n\"Vega\",\"7.68\",\"0.03\",\"12\"\n\"Altair, "
     "b\",\"5.13\",\"0.76\",\"31\"\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n\"Sirius\\\"\",\"2.64\\\"\",\"-1.46\\\"\",\"57\\\"\"\n",
     NULL, "t.csv:row 5: text follows the quote that closes a cell"},
    {"last row with one delimiter more",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,,2.64,-1.46,57\n",
     NULL, "t.csv:row 5: 5 cells where the table has 4 columns"},
    {"last row with one delimiter less",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.4657\n",
     NULL, "t.csv:row 5: 3 cells where the table has 4 columns"},
    {"last row with a quote more",
     "\"star\",\"distance\",\"mag\",\"n\"\n\"Vega\",\"7.68\",\"0.03\",\"12\"\n\"Altair, "
     "b\",\"5.13\",\"0.76\",\"31\"\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n\"\"Sirius\",\"2.64\",\"-1.46\",\"57\"\n",
     NULL, "t.csv:row 5: text follows the quote that closes a cell"},
    {"last row with a quote more in the last cell",
     "\"star\",\"distance\",\"mag\",\"n\"\n\"Vega\",\"7.68\",\"0.03\",\"12\"\n\"Altair, "
     "b\",\"5.13\",\"0.76\",\"31\"\n\"Deneb "
     "\"\"x\"\"\",\"802\",\"1.25\",\"9\"\n\"Sirius\",\"2.64\",\"-1.46\",\"57\"\"\n",
     NULL, "t.csv:row 5: a double quote opens a cell in this row and is never clos"},
    {"last row with a quote in a number",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2\".64,-1.46,57\n",
     "star:T distance:T mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2\".64 -1.46 57",
     NULL},
    {"CR LF but for the last row",
     "star,distance,mag,n\r\nVega,7.68,0.03,12\r\n\"Altair, b\",5.13,0.76,31\r\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\r\nSirius,2.64,-1.46,57\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"no end of the last row",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"header over two rows",
     "star,distance,mag,n\n,,HEAD,\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "star:T distance:R mag:T n:I | - - HEAD - | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | "
     "Deneb \"x\" 802 1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"header over two rows, units",
     "star,distance,mag,n\n,pc,mag,\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "star:T distance:R[pc] mag:R[mag] n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb "
     "\"x\" 802 1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"header twice",
     "star,distance,mag,n\nstar,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, "
     "b\",5.13,0.76,31\n\"Deneb \"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "star:T distance:T mag:T n:T | star distance mag n | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 "
     "31 | Deneb \"x\" 802 1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"header repeated below",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\nstar,distance,mag,n\n",
     "star:T distance:T mag:T n:T | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57 | star distance mag n",
     NULL},
    {"empty name",
     ",distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "c1:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"empty name in the middle",
     "star,,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "star:T c2:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 1.25 9 "
     "| Sirius 2.64 -1.46 57",
     NULL},
    {"empty name at the end",
     "star,distance,mag,\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "star:T distance:R mag:R c4:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"name not of letters",
     "star,HEAD/%R,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "star:T HEAD/%R:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"equal names",
     "star,mag,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "star:T mag:R mag_2:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 1.25 "
     "9 | Sirius 2.64 -1.46 57",
     NULL},
    {"equal names, four",
     "mag,mag,mag,mag\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "mag:T mag_2:R mag_3:R mag_4:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"second table below, narrower",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n\na,b\n1,2\n3,4\n",
     NULL, "t.csv:row 7: 2 cells where the table has 4 columns"},
    {"second table below, wider",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n\na,b,c,d,e,f\n1,2,3,4,5,6\n",
     NULL, "t.csv:row 7: 6 cells where the table has 4 columns"},
    {"second table below, as wide",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n\na,b,c,d\n1,2,3,4\n",
     "star:T distance:T mag:T n:T | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57 | a b c d | 1 2 3 4",
     NULL},
    {"second table beside",
     "star,distance,mag,n,,k,v\nVega,7.68,0.03,12,,1,7\n\"Altair, b\",5.13,0.76,31,,2,7\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9,,3,7\nSirius,2.64,-1.46,57,,4,7\n",
     "star:T distance:R mag:R n:I c5:R k:I v:I | Vega 7.68 0.03 12 - 1 7 | Altair, b 5.13 0.76 31 "
     "- 2 7 | Deneb \"x\" 802 1.25 9 - 3 7 | Sirius 2.64 -1.46 57 - 4 7",
     NULL},
    {"escapes by backslashes",
     "\"star\",\"distance\",\"mag\",\"n\"\n\"Vega\",\"7.68\",\"0.03\",\"12\"\n\"Altair, "
     "b\",\"5.13\",\"0.76\",\"31\"\n\"Deneb "
     "\\\"x\\\"\",\"802\",\"1.25\",\"9\"\n\"Sirius\",\"2.64\",\"-1.46\",\"57\"\n",
     NULL, "t.csv:row 4: text follows the quote that closes a cell"},
    {"escapes by backslashes, needed alone",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\\\"x\\\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     NULL, "t.csv:row 4: text follows the quote that closes a cell"},
    {"dates in other forms", "d,x\n2011-03-04,1\n03/05/2011,2\n2011-03-06,3\n",
     "d:T x:I | 2011-03-04 1 | 03/05/2011 2 | 2011-03-06 3", NULL},
    {"numbers in other forms", "x,y\n1.5,1\n\"1,5\",2\n1.500,3\n",
     "x:T y:I | 1.5 1 | 1,5 2 | 1.500 3", NULL},
    {"units in some cells", "x,y\n1.5,1\n2.5 km,2\n3.5,3\n", "x:T y:I | 1.5 1 | 2.5 km 2 | 3.5 3",
     NULL},
    {"thousands in some cells", "x,y\n1500,1\n\"1,500\",2\n2500,3\n",
     "x:T y:I | 1500 1 | 1,500 2 | 2500 3", NULL},
    {"percent in some cells", "x,y\n15,1\n16%,2\n17,3\n", "x:T y:I | 15 1 | 16% 2 | 17 3", NULL},
    {"times in other forms", "t,y\n12:30,1\n12:30:00,2\n1230,3\n",
     "t:T y:I | 12:30 1 | 12:30:00 2 | 1230 3", NULL},
    {"true and yes", "f,y\ntrue,1\nyes,2\nfalse,3\n", "f:T y:I | true 1 | yes 2 | false 3", NULL},
    {"blank lines between rows",
     "star,distance,mag,n\n\nVega,7.68,0.03,12\n\n\"Altair, b\",5.13,0.76,31\n\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\n\nSirius,2.64,-1.46,57\n\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"blanks around cells",
     "star , distance , mag , n\nVega , 7.68 , 0.03 , 12\n\"Altair ,  b\" , 5.13 , 0.76 , "
     "31\n\"Deneb \"\"x\"\"\" , 802 , 1.25 , 9\nSirius , 2.64 , -1.46 , 57\n",
     "star:T distance:R mag:R n:I | Vega  7.68 0.03 12 | Altair ,  b 5.13 0.76 31 | Deneb \"x\" "
     "802 1.25 9 | Sirius  2.64 -1.46 57",
     NULL},
    {"byte order mark",
     "\357\273\277star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"sep line",
     "sep=;\nstar;distance;mag;n\nVega;7.68;0.03;12\n\"Altair, b\";5.13;0.76;31\n\"Deneb "
     "\"\"x\"\"\";802;1.25;9\nSirius;2.64;-1.46;57\n",
     NULL, "t.csv:row 2: 4 cells where the table has 2 columns"},
    {"comment lines",
     "# made by hand\nstar,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n# end\n",
     "star:T distance:R mag:R n:I | Vega 7.68 0.03 12 | Altair, b 5.13 0.76 31 | Deneb \"x\" 802 "
     "1.25 9 | Sirius 2.64 -1.46 57",
     NULL},
    {"ctrl-Z at the end",
     "star,distance,mag,n\nVega,7.68,0.03,12\n\"Altair, b\",5.13,0.76,31\n\"Deneb "
     "\"\"x\"\"\",802,1.25,9\nSirius,2.64,-1.46,57\n\032",
     NULL, "t.csv:row 6: 1 cell where the table has 4 columns"},
};

static void each_pollution_is_read_right_or_named(void **state) {
  (void)state;
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    put("t.csv", cases[i].text);
    if (cases[i].reads == NULL) {
      const char *says = refused("t.csv", NULL);
      if (strncmp(says, cases[i].says, strlen(cases[i].says)) != 0)
        fail_msg("%s: %s", cases[i].pollution, says);
      continue;
    }
    nd_table *table = open_one("t.csv", NULL);
    char *reads = describe(table);
    if (strcmp(reads, cases[i].reads) != 0) fail_msg("%s: %s", cases[i].pollution, reads);
    nd_free(reads);
    nd_table_close(table);
  }
}

/* Where one cell among numbers has made a column text, it is found again by its row. */
static void one_cell_that_spoils_a_column_is_named(void **state) {
  (void)state;
  static const struct {
    const char *text, *says;
  } spoiled[] = {
      {"x,y\n1.5,1\n\"1,5\",2\n1.500,3\n", "t.csv:row 3:x: \"1,5\" has a decimal comma"},
      {"x,y\n1.5,1\n2.5 km,2\n3.5,3\n", "t.csv:row 3:x: \"2.5 km\" is not a number"},
      {"x,y\n1500,1\n\"1,500\",2\n2500,3\n", "t.csv:row 3:x: \"1,500\" has "},
      {"x,y\n15,1\n16%,2\n17,3\n", "t.csv:row 3:x: \"16%\" is not a number"},
      {"x,y\n1.5,1\n2.5,2\nx,y\n", "t.csv:row 4:x: \"x\" is not a number"},
      {"x,y\n1.5,1\n'2.5','2'\n", "t.csv:row 3:x: \"'2.5'\" is not a number"},
      {"x,y\n1.5,1\n2\".5,2\n", "t.csv:row 3:x: \"2\".5\" is not a number"},
      {"x,y\ntrue,1\nyes,2\n", "t.csv:row 2:x: \"true\" is not a number"},
      {"x,y\n12:30,1\n1230,2\n", "t.csv:row 2:x: \"12:30\" "},
  };
  for (size_t i = 0; i < ND_COUNT(spoiled); i++) {
    double numbers[ND_CHUNK];
    size_t rows;
    nadir_error error = {0};
    put("t.csv", spoiled[i].text);
    nd_table *table = open_one("t.csv", NULL);
    assert_int_equal(read_numbers(table, 0, 0, numbers, &rows, &error), NADIR_BAD_DATA);
    if (strncmp(error.message, spoiled[i].says, strlen(spoiled[i].says)) != 0)
      fail_msg("%s, not %s", error.message, spoiled[i].says);
    nd_table_close(table);
  }
}

static void sizes_and_encodings(void **state) {
  (void)state;
  put("t.csv", "");
  assert_string_equal(refused("t.csv", NULL),
                      "t.csv: the file is empty: give a table with a header and rows");
  put_bytes("t.csv", "a,b\n1,\0\n", 9);
  assert_string_equal(refused("t.csv", NULL),
                      "t.csv:row 2: a NUL byte: this is not text; give a table as CSV or FITS");
  put_bytes("t.csv",
            "\xff\xfe"
            "a\0,\0b\0\n\0",
            10);
  assert_non_null(strstr(refused("t.csv", NULL), "t.csv: the text is UTF-16"));
  static const size_t columns[] = {1, 1024, 17000};
  for (size_t i = 0; i < ND_COUNT(columns); i++) {
    FILE *file = fopen("t.csv", "w");
    for (size_t row = 0; row < 3; row++)
      for (size_t c = 0; c < columns[i]; c++)
        fprintf(file, row == 0 ? "col%zu%s" : "%zu%s", c, c + 1 < columns[i] ? "," : "\n");
    fclose(file);
    nd_table *table = open_one("t.csv", NULL);
    assert_int_equal(nd_table_columns(table), columns[i]);
    assert_int_equal(nd_table_rows(table), 2);
    double numbers[ND_CHUNK];
    size_t rows;
    assert_int_equal(read_numbers(table, 0, columns[i] - 1, numbers, &rows, NULL), NADIR_OK);
    assert_true(numbers[1] == (double)(columns[i] - 1));
    nd_table_close(table);
  }
  FILE *file = fopen("t.csv", "w");
  fputs("name,b\n", file);
  for (int i = 0; i < 70000; i++)
    fprintf(file, "r,%d\n", i);
  fclose(file);
  nd_table *table = open_one("t.csv", NULL);
  assert_int_equal(nd_table_rows(table), 70000);
  nd_table_close(table);
  char *text = malloc(600010); /* a name of 600 kB */
  memset(text, 'H', 600000);
  strcpy(text + 600000, ",b\n1,2\n");
  put("t.csv", text);
  free(text);
  table = open_one("t.csv", NULL);
  assert_int_equal(strlen(nd_table_column(table, 0)->name), 600000);
  assert_string_equal(nd_table_column(table, 1)->name, "b");
  nd_table_close(table);
}

/* What is not found out can be said: colons between cells. */
static void delimiters_can_be_given(void **state) {
  (void)state;
  nd_table_options options = {.delimiter = ':'};
  put("t.csv", "star:mag\n\"a:b\":1.5\nc:2\n");
  nd_table *table = open_one("t.csv", &options);
  char *reads = describe(table);
  assert_string_equal(reads, "star:T mag:R | a:b 1.5 | c 2");
  nd_free(reads);
  nd_table_close(table);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_pollution_is_read_right_or_named),
      cmocka_unit_test(one_cell_that_spoils_a_column_is_named),
      cmocka_unit_test(sizes_and_encodings),
      cmocka_unit_test(delimiters_can_be_given),
  };
  return cmocka_run_group_tests(tests, enter, leave);
}
