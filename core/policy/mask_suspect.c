/*
 * mask_suspect - columns whose names suggest personal data
 *
 * The words of a name are apart by "_", other signs, or capitals: "userEmail",
 * "home_phone". A hint for people, no proof: a column "notes" may hold
 * anything.
 */
#include <ctype.h>
#include <string.h>

#include "core/policy/mask.h"

#define WORD_BYTES 32

static const char *const words[] = {
	"email",      "mail",     "emailaddress", "phone",    "telephone",
	"tel",        "mobile",   "cell",         "fax",      "firstname",
	"lastname",   "surname",  "fullname",     "forename", "givenname",
	"familyname", "nickname", "username",     "maiden",   "address",
	"street",     "zip",      "zipcode",      "postcode", "postal",
	"birth",      "birthday", "birthdate",    "dob",      "ssn",
	"iban",       "passport", "password",     "passwd",   "ip",
	"ipaddress",  "latitude", "longitude",    NULL};

/* After these words "name" is that of a person. */
static const char *const before_name[] = {"first",  "last", "full",    "given",
										  "family", "user", "contact", "sur",
										  "middle", "nick", "display", NULL};

/* In such a table "name" is, too. */
static const char *const people[] = {
	"user",      "users",   "customer", "customers", "person",  "persons",
	"people",    "contact", "contacts", "member",    "members", "employee",
	"employees", "patient", "patients", "client",    "clients", "account",
	"accounts",  "student", "students", NULL};

/* Names, telephones, mobiles, mail boxes, addresses, identity cards, dates of
 * birth. */
static const char *const han[] = {"姓名", "电话", "手机", "邮箱",
								  "邮件", "地址", "住址", "身份证",
								  "生日", "出生", NULL};

static bool
is_one_of(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

/* The next word in lower case; false at the end. */
static bool
next_word(const char **at, char word[WORD_BYTES])
{
	size_t len = 0;
	const char *from;

	while (**at && !isalpha((unsigned char) **at))
		++*at;
	for (from = *at; isalpha((unsigned char) **at); ++*at)
	{
		if (*at > from && isupper((unsigned char) **at) &&
			islower((unsigned char) (*at)[-1]))
			break;
		if (len < WORD_BYTES - 1)
			word[len++] = (char) tolower((unsigned char) **at);
	}
	word[len] = '\0';
	return len > 0;
}

static bool
is_about_people(const char *table)
{
	char word[WORD_BYTES];

	while (next_word(&table, word))
		if (is_one_of(word, people))
			return true;
	return false;
}

bool
zdb_mask_suspect(const char *table, const char *column)
{
	char word[WORD_BYTES], before[WORD_BYTES] = "";
	bool personal = is_about_people(table);

	for (const char *const *one = han; *one; one++)
		if (strstr(column, *one))
			return true;
	while (next_word(&column, word))
	{
		if (is_one_of(word, words))
			return true;
		if (strcmp(word, "name") == 0 &&
			(is_one_of(before, before_name) || (personal && !*before)))
			return true;
		strcpy(before, word);
	}
	return false;
}
