-- The tables of dictd, for MariaDB 10.11 and MySQL 8. Applies again and again without harm.
--
-- Times are microseconds since the Unix epoch, UTC, as plain numbers: no time zone can shift them. Keys are made by
-- dictd or follow from the data, never by AUTO_INCREMENT, so that several servers may write to a cluster of databases
-- (Galera) and no row is ever numbered twice. Names and words have a binary collation: they are what they are, code
-- point by code point. The statements that use these tables stand in dictd/store.cc and dictd/word_load.cc.

CREATE TABLE IF NOT EXISTS user (
  id BIGINT UNSIGNED NOT NULL COMMENT 'Made by dictd (an event number), never used again',
  name VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'What the user logs in with; no white space, no control characters',
  password_hash VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Argon2id, in the text form of crypto_pwhash_str',
  created BIGINT NOT NULL COMMENT 'When the user registered',
  forgotten_through BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Events up to and including this number were forgotten: they are never shown, even if one is inserted later',
  PRIMARY KEY (id),
  UNIQUE KEY name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Who may look words up';

CREATE TABLE IF NOT EXISTS session (
  token_hash BINARY(32) NOT NULL COMMENT 'BLAKE2b of the token; the token itself is stored nowhere',
  user_id BIGINT UNSIGNED NOT NULL COMMENT 'Whose login it is',
  created BIGINT NOT NULL COMMENT 'When the user logged in',
  last_used BIGINT NOT NULL COMMENT 'When it was last resumed, to within an hour',
  ends BIGINT NOT NULL COMMENT 'One lifetime after last_used',
  PRIMARY KEY (token_hash),
  KEY user_id (user_id),
  KEY ends (ends),
  CONSTRAINT session_of_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Logins that can be resumed by a token';

-- No foreign key to user: look-ups come from the journal in batches, later than they happen, and one of a user who was
-- deleted meanwhile must neither hold up the others nor cost each insert a look at user. Such rows are seen by nobody.
-- The primary key keeps each user's events together in their order, so the newest N are read backwards without a sort.
CREATE TABLE IF NOT EXISTS hist (
  user_id BIGINT UNSIGNED NOT NULL COMMENT 'Who looked the word up; not a foreign key, see schema.sql',
  event BIGINT UNSIGNED NOT NULL COMMENT 'Number of the event: unique across servers, grows with time',
  time BIGINT NOT NULL COMMENT 'When the word was looked up',
  word VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'As the user typed it, without surrounding white space',
  PRIMARY KEY (user_id, event)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='All look-ups, found or not';

CREATE TABLE IF NOT EXISTS dictionary (
  id INT UNSIGNED NOT NULL COMMENT 'Made by dictload; dictionaries are searched in this order',
  name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'Short name, no white space',
  title VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'What people call it',
  edition BIGINT UNSIGNED NOT NULL COMMENT 'The edition of words that counts; each load makes the next one',
  entries BIGINT UNSIGNED NOT NULL COMMENT 'How many headwords that edition has: words and aliases; a virtual dictionary has none',
  loaded BIGINT NOT NULL COMMENT 'When that edition was loaded',
  PRIMARY KEY (id),
  UNIQUE KEY name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='The dictionaries';

CREATE TABLE IF NOT EXISTS words (
  dictionary_id INT UNSIGNED NOT NULL COMMENT 'Whose word it is',
  edition BIGINT UNSIGNED NOT NULL COMMENT 'Counts only if it is the edition of the dictionary',
  position BIGINT UNSIGNED NOT NULL COMMENT 'Place within the dictionary, from 0; counted together with those of alias',
  headword VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'What is looked up',
  meaning MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'What is found',
  PRIMARY KEY (dictionary_id, edition, position),
  CONSTRAINT words_of_dictionary FOREIGN KEY (dictionary_id) REFERENCES dictionary (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='The entries of the dictionaries';

CREATE TABLE IF NOT EXISTS alias (
  dictionary_id INT UNSIGNED NOT NULL COMMENT 'Whose headword it is',
  edition BIGINT UNSIGNED NOT NULL COMMENT 'Counts only if it is the edition of the dictionary',
  position BIGINT UNSIGNED NOT NULL COMMENT 'Place within the dictionary; counted together with those of words',
  headword VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'What is looked up',
  entry BIGINT UNSIGNED NOT NULL COMMENT 'Position of the word whose meaning is found, before its own',
  PRIMARY KEY (dictionary_id, edition, position),
  CONSTRAINT alias_of_dictionary FOREIGN KEY (dictionary_id) REFERENCES dictionary (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Further headwords of the entries';

-- The names, and what their values mean, stand in dictd/property.h.
CREATE TABLE IF NOT EXISTS property (
  dictionary_id INT UNSIGNED NOT NULL COMMENT 'Whose property it is',
  name VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'What is told: info, licence, match …',
  value MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'What is told of it; never empty',
  PRIMARY KEY (dictionary_id, name),
  CONSTRAINT property_of_dictionary FOREIGN KEY (dictionary_id) REFERENCES dictionary (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='What else is known of the dictionaries; whatever edition counts';

CREATE TABLE IF NOT EXISTS server (
  number SMALLINT UNSIGNED NOT NULL COMMENT 'Its part of every event number that it makes, 0 to 4095',
  instance CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Random name of its state directory',
  seen BIGINT NOT NULL COMMENT 'When it last said that it lives; after 90 days the number may go to another',
  PRIMARY KEY (number),
  UNIQUE KEY instance (instance)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Which server owns which part of the event numbers';
