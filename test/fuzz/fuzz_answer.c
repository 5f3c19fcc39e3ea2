/*
 * fuzz_answer - what a server answers is told as one clean line, and without
 * the secret in our URL
 *
 * The first half of the input are headers, the second the body; wherever the
 * body says "SECRET", nothing of it may be told.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/net/http.h"
#include "core/notify/mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
check_line(const char *line)
{
	if (!zdb_utf8_valid(line, strlen(line)) || strstr(line, "SECRET"))
		abort();
	for (; *line; line++)
		if ((unsigned char) *line < ' ')
			abort();
}

/* However a subject looks, it stays one header. */
static void
check_subject(const char *text)
{
	zdb_buf out = {0};
	zdb_err err = {0};

	zdb_mail_header("Subject", text, &out, &err);
	for (size_t i = 0; i + 1 < out.len; i++)
		if (out.data[i] == '\n' && i + 2 < out.len && out.data[i + 1] != ' ')
			abort();
	zdb_buf_clear(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char url[] = "https://SECRET@h.org/SECRET/x?y=SECRET";
	zdb_http_request request = {.url = url};
	zdb_http_response response = {.status = 404};
	zdb_err err = {0};
	const char *value;
	size_t value_len;

	zdb_buf_append(&response.headers, bytes, len / 2, &err);
	zdb_buf_append(&response.body, bytes + len / 2, len - len / 2, &err);
	value = zdb_http_header(&response, "ETag", &value_len);
	if (value && value_len > 0 && (value[0] == ' ' || value_len > len))
		abort();
	zdb_http_check(&request, &response, &err);
	check_line(err.msg);
	check_subject(err.msg);
	zdb_http_response_clear(&response);
	return 0;
}
