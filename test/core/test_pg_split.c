/*
 * test_pg_split - statements end where psql ends them
 */
#include <string.h>

#include "core/base/pg_split.h"
#include "test/core/test.h"

/* Split text, fed in pieces, and write "|" after each statement. */
static void
mark_ends(const char *text, size_t piece, char *out, bool *open)
{
	zdb_pg_split split = {0};
	size_t len = strlen(text);

	while (len > 0)
	{
		bool complete;
		size_t part = len < piece ? len : piece;
		size_t used = zdb_pg_split_feed(&split, text, part, &complete);

		memcpy(out, text, used);
		out += used;
		text += used;
		len -= used;
		if (complete)
			*out++ = '|';
	}
	*out = '\0';
	*open = zdb_pg_split_inside(&split);
}

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
	{"'\\';b", "'\\';|b", true},
	{"E'\\';';b;", "E'\\';';|b;|", false},
	{"e'a''\\';';b;", "e'a''\\';';|b;|", false},
	{"SELECT e'\\\\';b;", "SELECT e'\\\\';|b;|", false},
	{"B'1;';X'a;';", "B'1;';|X'a;';|", false},
	{"\"a;\"\";\";", "\"a;\"\";\";|", false},
	{"U&\"a;\";U&'b;';", "U&\"a;\";|U&'b;';|", false},
	{"$$;$$;b;", "$$;$$;|b;|", false},
	{"$x$;$$;$y$;$x$;b;", "$x$;$$;$y$;$x$;|b;|", false},
	{"$x$;$x;$x$;", "$x$;$x;$x$;|", false},
	{"a$b$;c$b$;", "a$b$;|c$b$;|", false},
	{"$1;$2;", "$1;|$2;|", false},
	{"$x$ $x$x$;", "$x$ $x$x$;|", false},
	{"$é$;$é$;", "$é$;$é$;|", false},
	{"-- c;\na;-- end", "-- c;\na;|-- end", false},
	{"/* ; */a/* '*/;", "/* ; */a/* '*/;|", false},
	{"/* /* ; */ ; */ a;", "/* /* ; */ ; */ a;|", false},
	{"/* open", "/* open", true},
	{"a-b/c*d;", "a-b/c*d;|", false},
	{"CREATE RULE r AS ON INSERT TO t DO (a; b);c;",
	 "CREATE RULE r AS ON INSERT TO t DO (a; b);|c;|", false},
	{"CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; SELECT CASE WHEN 1 THEN "
	 "2 END; END;b;",
	 "CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; SELECT CASE WHEN 1 THEN "
	 "2 END; END;|b;|",
	 false},
	{"create or replace procedure p() begin atomic select 1; end;b;",
	 "create or replace procedure p() begin atomic select 1; end;|b;|", false},
	{"CREATE FUNCTION f() AS 'BEGIN;';b;",
	 "CREATE FUNCTION f() AS 'BEGIN;';|b;|", false},
	{"CREATE TABLE function(a);b;", "CREATE TABLE function(a);|b;|", false},
	{"BEGIN;COMMIT;END;", "BEGIN;|COMMIT;|END;|", false},
	{"  \n ", "  \n ", false},
	{"'open", "'open", true},
	{"$$open", "$$open", true},
	{"(a;", "(a;", true},
	{"CREATE FUNCTION f() BEGIN ATOMIC SELECT 1;",
	 "CREATE FUNCTION f() BEGIN ATOMIC SELECT 1;", true},
	{"E'a' 'b;';c;", "E'a' 'b;';|c;|", false},
	{"nameE';';b;", "nameE';';|b;|", false},
};

int
main(void)
{
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
