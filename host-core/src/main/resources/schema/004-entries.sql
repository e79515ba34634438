-- How many files, directories and links an artifact has. Of those that are there it is not known: one for each 16 KiB, as many as
-- mkfs.ext4 makes room for.

ALTER TABLE artifact ADD COLUMN entries INTEGER NOT NULL DEFAULT 1;
UPDATE artifact SET entries = 1 + size / 16384;
