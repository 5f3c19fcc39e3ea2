/*
 * test_sql_split - statements end where SQLite ends them
 */
#include <string.h>

#include "core/base/sql_split.h"
#include "test/core/test.h"

/* Split text, fed in pieces, and write "|" after each statement. */
static void
mark_ends(const char *text, size_t piece, char *out, bool *open)
{
	zdb_sql_split split = {0};
	size_t len = strlen(text);

	while (len > 0)
	{
		bool complete;
		size_t part = len < piece ? len : piece;
		size_t used = zdb_sql_split_feed(&split, text, part, &complete);

		memcpy(out, text, used);
		out += used;
		text += used;
		len -= used;
		if (complete)
			*out++ = '|';
	}
	*out = '\0';
	*open = zdb_sql_split_inside(&split);
}

int
main(void)
{
	static const struct
	{
		const char *text;
		const char *marked;
		bool open;
	} cases[] = {
		{"a;b;", "a;|b;|", false},
		{"a;b", "a;|b", true},
		{"';';x", "';';|x", true},
		{"'it''s;';", "'it''s;';|", false},
		{"\"a;\"\";\";", "\"a;\"\";\";|", false},
		{"[a;b];`c;`;", "[a;b];|`c;`;|", false},
		{"-- c;\na;-- end", "-- c;\na;|-- end", false},
		{"/* ; */a/* '*/;", "/* ; */a/* '*/;|", false},
		{"/* open", "/* open", true},
		{"a-b/c;", "a-b/c;|", false},
		{"CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END;c;",
		 "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END;|c;|",
		 false},
		{"create temp trigger t begin select 1;select 2; end ; c;",
		 "create temp trigger t begin select 1;select 2; end ;| c;|", false},
		{"CREATE TRIGGER t BEGIN SELECT CASE WHEN 1 THEN 2 END; END;",
		 "CREATE TRIGGER t BEGIN SELECT CASE WHEN 1 THEN 2 END; END;|", false},
		{"CREATE TABLE trigger_x(a);b;", "CREATE TABLE trigger_x(a);|b;|",
		 false},
		{"BEGIN;COMMIT;END;", "BEGIN;|COMMIT;|END;|", false},
		{"  \n ", "  \n ", false},
		{"'open", "'open", true},
		{"CREATE TRIGGER t BEGIN SELECT 1;",
		 "CREATE TRIGGER t BEGIN SELECT 1;", true},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (size_t piece = 1; piece <= 64; piece *= 8)
		{
			char out[200];
			bool open;

			mark_ends(cases[i].text, piece, out, &open);
			test_ok(strcmp(out, cases[i].marked) == 0 && open == cases[i].open,
					"%s, %zu bytes at a time (%s)", cases[i].marked, piece,
					out);
		}
	return test_done();
}
