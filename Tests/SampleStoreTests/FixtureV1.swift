/// A database as the first version made it, in plain SQL. Never to be changed: it stands for the
/// devices in the field.
let fixtureV1 = """
  PRAGMA application_id = 1282367853;

  CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value ANY NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO meta VALUES ('sequence', 0), ('boot', 0);

  CREATE TABLE candidates (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sequence INTEGER NOT NULL UNIQUE,
    boot INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (
      state IN ('pool', 'queued', 'labelled', 'skipped', 'unsure', 'failed')),
    groupKey TEXT,
    queueRank INTEGER
  ) STRICT;
  CREATE INDEX candidatesByState ON candidates (state, id);
  CREATE INDEX candidatesByGroup ON candidates (groupKey) WHERE groupKey IS NOT NULL;

  CREATE TABLE captures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sequence INTEGER NOT NULL UNIQUE,
    boot INTEGER NOT NULL,
    candidateID INTEGER REFERENCES candidates (id),
    sha256 TEXT CHECK (length(sha256) = 64),
    originalName TEXT NOT NULL,
    byteCount INTEGER NOT NULL CHECK (byteCount >= 0),
    width INTEGER,
    height INTEGER,
    takenAt INTEGER NOT NULL,
    clockTrusted INTEGER NOT NULL,
    failure TEXT,
    CHECK ((width IS NULL) = (height IS NULL)),
    CHECK (candidateID IS NOT NULL OR failure IS NOT NULL)
  ) STRICT;
  CREATE INDEX capturesByCandidate ON captures (candidateID, id);
  CREATE INDEX capturesByHash ON captures (sha256);

  CREATE TABLE features (
    candidateID INTEGER NOT NULL REFERENCES candidates (id),
    bodySHA256 TEXT NOT NULL CHECK (length(bodySHA256) = 64),
    patches INTEGER NOT NULL CHECK (patches > 0),
    elements INTEGER NOT NULL CHECK (elements > 0),
    data BLOB NOT NULL CHECK (length(data) = patches * elements * 2),
    PRIMARY KEY (candidateID, bodySHA256)
  ) STRICT;

  CREATE TABLE models (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sequence INTEGER NOT NULL UNIQUE,
    boot INTEGER NOT NULL,
    createdAt INTEGER NOT NULL,
    clockTrusted INTEGER NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    path TEXT NOT NULL,
    parentID INTEGER REFERENCES models (id),
    bodySHA256 TEXT NOT NULL CHECK (length(bodySHA256) = 64),
    labels INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    accuracyBefore REAL,
    accuracyAfter REAL,
    accepted INTEGER NOT NULL,
    why TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 0 CHECK (active IN (0, 1))
  ) STRICT;
  CREATE UNIQUE INDEX oneActiveModel ON models (active) WHERE active = 1;

  CREATE TABLE predictions (
    candidateID INTEGER NOT NULL REFERENCES candidates (id),
    modelID INTEGER NOT NULL REFERENCES models (id),
    classes INTEGER NOT NULL CHECK (classes > 0),
    probabilities BLOB NOT NULL CHECK (length(probabilities) % (4 * classes) = 0),
    entropy REAL NOT NULL,
    diversity REAL NOT NULL,
    score REAL NOT NULL,
    kept TEXT NOT NULL,
    PRIMARY KEY (modelID, candidateID)
  ) STRICT;
  CREATE INDEX predictionsByCandidate ON predictions (candidateID);
  CREATE INDEX predictionsByScore ON predictions (modelID, score);

  CREATE TABLE classes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sequence INTEGER NOT NULL UNIQUE,
    boot INTEGER NOT NULL,
    name TEXT NOT NULL,
    folded TEXT NOT NULL UNIQUE,
    position INTEGER NOT NULL UNIQUE,
    addedAt INTEGER NOT NULL,
    clockTrusted INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE labels (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sequence INTEGER NOT NULL UNIQUE,
    boot INTEGER NOT NULL,
    candidateID INTEGER NOT NULL REFERENCES candidates (id),
    kind TEXT NOT NULL CHECK (kind IN ('label', 'skip', 'unsure')),
    classID INTEGER REFERENCES classes (id),
    operator TEXT NOT NULL,
    at INTEGER NOT NULL,
    clockTrusted INTEGER NOT NULL,
    stateBefore TEXT NOT NULL CHECK (stateBefore IN ('pool', 'queued')),
    undoneSequence INTEGER UNIQUE,
    undoneBy TEXT,
    undoneAt INTEGER,
    undoneClockTrusted INTEGER,
    CHECK ((kind = 'label') = (classID IS NOT NULL)),
    CHECK ((undoneSequence IS NULL) = (undoneBy IS NULL)),
    CHECK ((undoneSequence IS NULL) = (undoneAt IS NULL)),
    CHECK ((undoneSequence IS NULL) = (undoneClockTrusted IS NULL))
  ) STRICT;
  CREATE UNIQUE INDEX oneStandingDecision ON labels (candidateID)
    WHERE undoneSequence IS NULL;
  CREATE INDEX labelsByOperator ON labels (operator, id) WHERE undoneSequence IS NULL;

  CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sequence INTEGER NOT NULL UNIQUE,
    boot INTEGER NOT NULL,
    at INTEGER NOT NULL,
    clockTrusted INTEGER NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'error')),
    kind TEXT NOT NULL,
    message TEXT NOT NULL
  ) STRICT;
  CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
  INSERT INTO grdb_migrations VALUES ('v1');
  UPDATE meta SET value = 20 WHERE key = 'sequence';
  UPDATE meta SET value = 3 WHERE key = 'boot';
  INSERT INTO candidates VALUES (1, 1, 1, 'labelled', NULL, NULL), (2, 3, 1, 'queued', 'g', 0),
    (3, 6, 2, 'pool', NULL, NULL);
  INSERT INTO captures VALUES
    (1, 2, 1, 1, '0000000000000000000000000000000000000000000000000000000000000001',
     'a.jpg', 10, 640, 480, 1780000000000, 1, NULL),
    (2, 4, 1, 2, '0000000000000000000000000000000000000000000000000000000000000002',
     'b.jpg', 11, NULL, NULL, 1780000000001, 0, NULL),
    (3, 5, 1, NULL, NULL, 'c.jpg', 0, NULL, NULL, 5, 0, 'empty file');
  -- 1, 0.5, -2, 65504 as little-endian fp16
  INSERT INTO features VALUES
    (1, '0000000000000000000000000000000000000000000000000000000000000b0d',
     2, 2, x'003c003800c0ff7b'),
    (2, '0000000000000000000000000000000000000000000000000000000000000b0d',
     1, 1, x'003c');
  INSERT INTO models VALUES (1, 7, 2, 1780000000002, 1,
    '0000000000000000000000000000000000000000000000000000000000000003', 'm.loam', NULL,
    '0000000000000000000000000000000000000000000000000000000000000b0d',
    0, -1, NULL, 0.5, 1, 'first', 1);
  -- 0.25, 0.75 as little-endian fp32
  INSERT INTO predictions VALUES (2, 1, 2, x'0000803e0000403f', 0.5, 0.25, 0.75, '[0]');
  INSERT INTO classes VALUES (1, 8, 2, 'Cat', 'cat', 0, 1780000000003, 1);
  INSERT INTO labels VALUES
    (1, 9, 2, 1, 'skip', NULL, 'Anna', 6, 0, 'pool', 10, 'Ben', 7, 0),
    (2, 11, 2, 1, 'label', 1, 'Ben', 1780000000004, 1, 'pool', NULL, NULL, NULL, NULL);
  INSERT INTO events VALUES (1, 12, 3, 8, 0, 'warning', 'capture.failed', 'c.jpg is empty');
  """
