/*
 * settled - do blocks hold the rows that a base has of them?
 */
#include "pg_ext/settled.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/transam.h"
#include "miscadmin.h"

/* Whoever inserted it: frozen, or ended before. */
static bool
insert_is_settled(HeapTupleHeader tuple, TransactionId xmin)
{
	TransactionId xid = HeapTupleHeaderGetXmin(tuple);

	return !TransactionIdIsNormal(xid) || TransactionIdPrecedes(xid, xmin);
}

TransactionId
zdbpg_deleter(HeapTupleHeader tuple)
{
	return tuple->t_infomask & HEAP_XMAX_INVALID ||
				   HEAP_XMAX_IS_LOCKED_ONLY(tuple->t_infomask)
			   ? InvalidTransactionId
			   : HeapTupleHeaderGetUpdateXid(tuple);
}

/* Whoever deleted or updated it: nobody, or ended before. */
static bool
delete_is_settled(HeapTupleHeader tuple, TransactionId xmin)
{
	TransactionId xid = zdbpg_deleter(tuple);

	return !TransactionIdIsValid(xid) || TransactionIdPrecedes(xid, xmin);
}

static bool
tuple_is_settled(HeapTupleHeader tuple, TransactionId xmin)
{
	if (tuple->t_infomask & HEAP_MOVED)
		return false; /* by a server older than 9.0 */
	/* who inserted it took it back: nobody sees it, then or ever */
	if (HeapTupleHeaderXminInvalid(tuple))
		return true;
	return insert_is_settled(tuple, xmin) && delete_is_settled(tuple, xmin);
}

static bool
page_is_settled(Page page, TransactionId xmin)
{
	OffsetNumber last = PageGetMaxOffsetNumber(page);

	for (OffsetNumber i = FirstOffsetNumber; i <= last; i++)
	{
		ItemId item = PageGetItemId(page, i);

		if (ItemIdIsNormal(item) &&
			!tuple_is_settled((HeapTupleHeader) PageGetItem(page, item), xmin))
			return false;
	}
	return true;
}

bool
zdbpg_is_settled(Relation rel, BlockNumber first, BlockNumber count,
				 const zdbpg_moment *base, BufferAccessStrategy strategy)
{
	bool settled = true;

	for (BlockNumber i = first; i < first + count && settled; i++)
	{
		Buffer buffer =
			ReadBufferExtended(rel, MAIN_FORKNUM, i, RBM_NORMAL, strategy);
		Page page = BufferGetPage(buffer);

		CHECK_FOR_INTERRUPTS();
		LockBuffer(buffer, BUFFER_LOCK_SHARE);
		/* one without contents was there after it had others */
		settled = !PageIsNew(page) &&
				  BufferGetLSNAtomic(buffer) <= base->lsn &&
				  page_is_settled(page, base->xmin);
		UnlockReleaseBuffer(buffer);
	}
	return settled;
}
