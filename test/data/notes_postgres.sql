--
-- PostgreSQL database dump
--

SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;

CREATE TABLE public.notes (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    body text,
    pinned boolean DEFAULT false NOT NULL
);

CREATE TABLE public.users (
    id bigint NOT NULL,
    email text NOT NULL,
    name text
);

COPY public.notes (id, user_id, body, pinned) FROM stdin;
20	70	written on the server\nby Ann	f
21	80	by Zoe	t
\.

COPY public.users (id, email, name) FROM stdin;
70	ann@x.org	Ann
80	zoe@x.org	Zoe
\.

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_email_key UNIQUE (email);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

--
-- PostgreSQL database dump complete
--

