/*
 * test_net - URLs are taken apart, answers are understood
 */
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/net/url.h"
#include "core/net/xml.h"
#include "test/core/test.h"

static void
parses(const char *text, zdb_cloud_kind cloud, const char *bucket,
	   const char *key)
{
	zdb_err err = {0};
	zdb_url url;

	zdb_url_parse(text, &url, &err);
	test_ok(!err.code && url.cloud == cloud &&
				strcmp(url.bucket, bucket) == 0 && strcmp(url.key, key) == 0,
			"%s: %s", text, err.msg);
	zdb_url_clear(&url);
}

static void
is_refused(const char *text, zdb_rc code, const char *why)
{
	zdb_err err = {0};
	zdb_url url;

	zdb_url_parse(text, &url, &err);
	test_err(&err, code, why);
	zdb_url_clear(&url);
}

static void
test_urls(void)
{
	char key[ZDB_KEY_BYTES_MAX + 20];

	parses("s3://bucket/key", ZDB_CLOUD_S3, "bucket", "key");
	parses("gs://b.c-d_e/", ZDB_CLOUD_GS, "b.c-d_e", "");
	parses("azure://$root", ZDB_CLOUD_AZURE, "$root", "");
	parses("s3:///k", ZDB_CLOUD_S3, "", "k");
	parses("s3://b//a/../%41?x=1#y", ZDB_CLOUD_S3, "b", "/a/../%41?x=1#y");
	is_refused("ftp://host/file", ZDB_UNSUPPORTED, "\"ftp://\"");
	is_refused("S3://b/k", ZDB_UNSUPPORTED, "\"S3://\"");
	is_refused("/tmp/file", ZDB_USAGE, "not a URL");
	is_refused("s3://user@host/k", ZDB_USAGE, "no name of a bucket");
	is_refused("s3://b:80/k", ZDB_USAGE, "no name of a bucket");
	is_refused("s3://b/\xff", ZDB_USAGE, "UTF-8");
	memset(key, 'k', sizeof key);
	memcpy(key, "s3://b/", 7);
	key[7 + ZDB_KEY_BYTES_MAX] = '\0';
	parses(key, ZDB_CLOUD_S3, "b", key + 7);
	strcpy(key + 7 + ZDB_KEY_BYTES_MAX, "k");
	is_refused(key, ZDB_USAGE, "longer than 1024 bytes");
	test_ok(zdb_url_scheme("s3://") == 2 && zdb_url_scheme("x9z://a") == 3 &&
				!zdb_url_scheme("://") && !zdb_url_scheme("a/b://c") &&
				!zdb_url_scheme("c:/x"),
			"what is a URL");
}

static zdb_rc
encode(void *arg, zdb_err *err)
{
	zdb_fields query = {0};
	zdb_buf out = {0};

	(void) arg;
	zdb_url_encode("a b/+=,()~\xC3\xA9.-_", true, &out, err);
	zdb_buf_format(&out, err, "?");
	if (!err->code && zdb_fields_set(&query, "uploads", "", err) == ZDB_OK &&
		zdb_fields_set(&query, "prefix", "x", err) == ZDB_OK &&
		zdb_fields_set(&query, "prefix", "x/&", err) == ZDB_OK)
		zdb_url_query(&query, &out, err);
	zdb_buf_format(&out, err, "%c", 0);
	if (!err->code &&
		strcmp((char *) out.data, "a%20b/%2B%3D%2C%28%29~%C3%A9.-_"
								  "?prefix=x%2F%26&uploads=") != 0)
		zdb_err_set(err, ZDB_INTERNAL, "wrong: %s", (char *) out.data);
	zdb_fields_clear(&query);
	zdb_buf_clear(&out);
	return err->code;
}

/* Lists what was visited: "parent.name=text;" */
static void
note(void *arg, const char *parent, const char *name, const char *text,
	 zdb_err *err)
{
	zdb_buf_format(arg, err, "%s.%s=%s;", parent, name, text);
}

static zdb_rc
read_xml(const char *xml, zdb_buf *seen, zdb_err *err)
{
	zdb_xml_each(xml, strlen(xml), note, seen, err);
	zdb_buf_append(seen, "", 1, err);
	return err->code;
}

static void
gives(const char *xml, const char *expected)
{
	zdb_buf seen = {0};
	zdb_err err = {0};

	read_xml(xml, &seen, &err);
	test_ok(!err.code && strcmp((char *) seen.data, expected) == 0,
			"%.40s...: %s", xml, err.code ? err.msg : (char *) seen.data);
	zdb_buf_clear(&seen);
}

static void
is_malformed(const char *xml)
{
	zdb_buf seen = {0};
	zdb_err err = {0};

	test_ok(read_xml(xml, &seen, &err) == ZDB_FORMAT, "malformed: %.40s", xml);
	zdb_buf_clear(&seen);
}

static void
test_xml(void)
{
	gives("<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code>"
		  "<Message>The key &lt;a&amp;b&#x3e;&#233;</Message></Error>",
		  "Error.Code=NoSuchKey;Error.Message=The key <a&b>\xC3\xA9;"
		  ".Error=;");
	gives("\xEF\xBB\xBF<L a='>' b=\"<\"><s3:C><K><![CDATA[a&b]]>c</K>"
		  "<!-- <x> --></s3:C><M/></L>",
		  "C.K=a&bc;L.C=;L.M=;.L=;");
	gives("", "");
	is_malformed("<a>");
	is_malformed("<a></b>");
	is_malformed("</a>");
	is_malformed("<a>&nbsp;</a>");
	is_malformed("<a>&#0;</a>");
	is_malformed("<a>&#-5;</a>");
	is_malformed("<a>&#xD800;</a>");
	is_malformed("<a>&amp</a>");
	is_malformed("<a b='>");
	is_malformed("<!DOCTYPE a><a/>");
	is_malformed("<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>");
	is_malformed("<![CDATA[");
	is_malformed("<>");
}

static zdb_rc
read_answer(void *arg, zdb_err *err)
{
	zdb_buf seen = {0};

	read_xml(arg, &seen, err);
	zdb_buf_clear(&seen);
	return err->code;
}

static zdb_rc
parse_url(void *arg, zdb_err *err)
{
	zdb_url url;

	zdb_url_parse(arg, &url, err);
	zdb_url_clear(&url);
	return err->code;
}

int
main(void)
{
	test_urls();
	test_xml();
	test_break_each("encoding", encode, NULL);
	test_break_each("XML", read_answer, (void *) "<a><b>&lt;c</b></a>");
	test_break_each("URL", parse_url, (void *) "s3://bucket/key");
	return test_done();
}
