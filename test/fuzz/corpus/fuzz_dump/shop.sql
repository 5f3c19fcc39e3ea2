-- PostgreSQL database dump
\restrict x
SET client_encoding = 'UTF8';
CREATE DOMAIN public.positive AS integer CHECK ((VALUE > 0));
CREATE TYPE public.mood AS ENUM ('happy', 'sad');
CREATE TABLE public.t (
    id bigint NOT NULL,
    "Name" character varying(20) DEFAULT 'x'::text COLLATE "C",
    at timestamp(3) with time zone DEFAULT now() NOT NULL,
    price numeric(10,2), tags text[], b bytea, u uuid, j jsonb,
    CONSTRAINT c CHECK ((id > 0))
) PARTITION BY RANGE (id);
CREATE TABLE public.p (id bigint) INHERITS (public.t);
ALTER TABLE ONLY public.t ATTACH PARTITION public.p FOR VALUES FROM (1) TO (2);
COPY public.t (id, "Name", at, price, tags, b, u, j) FROM stdin;
1	a\tb\\	2025-09-01 04:13:20.5+02	12345678901234567890.12	{"a,b",NULL,"\\"q"}	\\x00ff	00010203-0405-0607-0809-0a0b0c0d0e0f	{"a": [1, 2]}
2	\N	infinity	NaN	{{1,2},{3}}	\\001a	x	5
\.
ALTER TABLE ONLY public.t ADD CONSTRAINT t_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX i ON public.t USING btree (lower(("Name")::text)) WHERE (price > 1);
ALTER TABLE ONLY public.t ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES public.p(id) ON DELETE SET NULL;
-- PostgreSQL database dump complete
