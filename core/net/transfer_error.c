/*
 * transfer_error - libcurl's outcomes in words that one can act on
 */
#include "core/net/transfer_error.h"

#include <errno.h>

static void
could_not_connect(zdb_transfer *transfer)
{
	long errnum = 0;

	curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &errnum);
	zdb_err_set_errno(&transfer->err, errnum ? (int) errnum : ECONNREFUSED,
					  "could not connect to %s", transfer->peer);
}

static void
no_address(zdb_transfer *transfer)
{
	zdb_err_set(&transfer->err, ZDB_IO, "could not find the address of %s",
				transfer->peer);
	zdb_err_hint(&transfer->err, "Is the name right, and does the name "
								 "service of this machine work?");
}

static void
not_trusted(zdb_transfer *transfer)
{
	zdb_err_set(&transfer->err, ZDB_PERMISSION,
				"the certificate of %s is not trusted: %s", transfer->peer,
				transfer->details);
	zdb_err_hint(&transfer->err,
				 "If it is right, name the file of its authority's "
				 "certificate in the setting ca_file (ZDBACKUP_CA_FILE).");
}

static void
not_a_url(zdb_transfer *transfer)
{
	zdb_err_set(&transfer->err, ZDB_USAGE, "%s is not a URL we can use",
				transfer->peer);
	zdb_err_hint(&transfer->err, "It looks like https://host/path, or "
								 "smtp://host:587 for mail.");
}

/* Is it gone, perhaps, when one tries again? */
static bool
is_transient(CURLcode code)
{
	switch ((int) code)
	{
		case CURLE_COULDNT_RESOLVE_HOST:
		case CURLE_COULDNT_RESOLVE_PROXY:
		case CURLE_COULDNT_CONNECT:
		case CURLE_OPERATION_TIMEDOUT:
		case CURLE_GOT_NOTHING:
		case CURLE_PARTIAL_FILE:
		case CURLE_SEND_ERROR:
		case CURLE_RECV_ERROR:
		case CURLE_SEND_FAIL_REWIND:
		case CURLE_SSL_CONNECT_ERROR:
			return true;
		default:
			return false;
	}
}

static void
set_error(zdb_transfer *transfer, CURLcode code)
{
	zdb_err *err = &transfer->err;

	switch ((int) code)
	{
		case CURLE_OUT_OF_MEMORY:
			zdb_err_nomem(err);
			break;
		case CURLE_COULDNT_RESOLVE_HOST:
			no_address(transfer);
			break;
		case CURLE_COULDNT_RESOLVE_PROXY:
			zdb_err_set(err, ZDB_IO,
						"could not find the proxy's host on the "
						"way to %s",
						transfer->peer);
			break;
		case CURLE_COULDNT_CONNECT:
			could_not_connect(transfer);
			break;
		case CURLE_OPERATION_TIMEDOUT:
			zdb_err_set(err, ZDB_IO, "%s did not answer in time",
						transfer->peer);
			break;
		case CURLE_GOT_NOTHING:
		case CURLE_PARTIAL_FILE:
		case CURLE_RECV_ERROR:
		case CURLE_SEND_FAIL_REWIND:
			zdb_err_set(err, ZDB_IO, "the connection to %s was lost",
						transfer->peer);
			break;
		case CURLE_PEER_FAILED_VERIFICATION:
			not_trusted(transfer);
			break;
		case CURLE_SSL_CACERT_BADFILE:
			zdb_err_set(err, ZDB_USAGE,
						"could not read the certificates that the setting "
						"ca_file (ZDBACKUP_CA_FILE) names");
			break;
		case CURLE_USE_SSL_FAILED:
			zdb_err_set(err, ZDB_UNSUPPORTED, "%s offers no encryption",
						transfer->peer);
			zdb_err_hint(err, "For a mail server on this machine set smtp_tls "
							  "(ZDBACKUP_SMTP_TLS) to false.");
			break;
		case CURLE_LOGIN_DENIED:
			zdb_err_set(err, ZDB_PERMISSION,
						"%s refused the user or the password", transfer->peer);
			break;
		case CURLE_URL_MALFORMAT:
		case CURLE_UNSUPPORTED_PROTOCOL:
			not_a_url(transfer);
			break;
		default:
			zdb_err_set(err, ZDB_IO, "%s: %s", transfer->peer,
						*transfer->details ? transfer->details
										   : curl_easy_strerror(code));
			break;
	}
}

void
zdb_transfer_judge(zdb_transfer *transfer, CURLcode code)
{
	if (code == CURLE_OK || transfer->err.code)
		return;
	transfer->transient = is_transient(code);
	set_error(transfer, code);
}
