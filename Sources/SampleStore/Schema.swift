internal import GRDB

/// One step of the schema: never changed once released, only followed by others.
package struct SchemaStep: Hashable, Sendable {
  /// Unique, and for ever.
  package var identifier: String
  package var sql: String

  /// The step `identifier`, which runs `sql` in one transaction.
  package init(identifier: String, sql: String) {
    self.identifier = identifier
    self.sql = sql
  }
}

extension SchemaStep {
  /// What marks a database as Loam's: "Loam" in ASCII, in SQLite's `application_id`.
  static let applicationID: Int32 = 0x4C6F_616D

  /// All steps, in order.
  package static let all = [v1, v2, v3, v4]

  /// The tables of the first version.
  ///
  /// `sequence` is one count for all tables; `clockTrusted` goes with the time before it. Features
  /// are little-endian fp16, probabilities little-endian fp32. One decision at most stands for a
  /// candidate, one model at most is active.
  static let v1 = SchemaStep(
    identifier: "v1",
    sql: """
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
      """)

  /// Candidates kept apart to measure accuracy on, the questions ever put and what the model guessed
  /// when they were answered, and what each round changed.
  ///
  /// `monotonic` is in nanoseconds, comparable within one boot; `guessID` is the class that the model
  /// held most probable. `changedShare` is the share of the pool that changed its class by the round
  /// that made the model; the expected accuracies are those of the pool by the model before and by it.
  static let v2 = SchemaStep(
    identifier: "v2",
    sql: """
      ALTER TABLE candidates ADD COLUMN isAudit INTEGER NOT NULL DEFAULT 0
        CHECK (isAudit IN (0, 1));
      CREATE INDEX auditCandidates ON candidates (state, id) WHERE isAudit = 1;

      CREATE TABLE questions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        sequence INTEGER NOT NULL UNIQUE,
        boot INTEGER NOT NULL,
        candidateID INTEGER NOT NULL REFERENCES candidates (id),
        choice TEXT NOT NULL,
        at INTEGER NOT NULL,
        clockTrusted INTEGER NOT NULL,
        monotonic INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX questionsByCandidate ON questions (candidateID, id);

      ALTER TABLE labels ADD COLUMN questionID INTEGER REFERENCES questions (id);
      ALTER TABLE labels ADD COLUMN guessID INTEGER REFERENCES classes (id);
      ALTER TABLE models ADD COLUMN changedShare REAL;
      ALTER TABLE models ADD COLUMN expectedBefore REAL;
      ALTER TABLE models ADD COLUMN expectedAfter REAL;
      """)

  /// Labels that are asked once more: one at most for each candidate, and `answerID` is the decision
  /// that came second.
  static let v3 = SchemaStep(
    identifier: "v3",
    sql: """
      CREATE TABLE rechecks (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        sequence INTEGER NOT NULL UNIQUE,
        boot INTEGER NOT NULL,
        candidateID INTEGER NOT NULL UNIQUE REFERENCES candidates (id),
        labelID INTEGER NOT NULL REFERENCES labels (id),
        reason TEXT NOT NULL,
        at INTEGER NOT NULL,
        clockTrusted INTEGER NOT NULL,
        answerID INTEGER UNIQUE REFERENCES labels (id)
      ) STRICT;
      CREATE INDEX openRechecks ON rechecks (labelID) WHERE answerID IS NULL;
      """)

  /// Photos whose files made room for others; what was computed of them stays.
  static let v4 = SchemaStep(
    identifier: "v4",
    sql: """
      ALTER TABLE captures ADD COLUMN evicted INTEGER NOT NULL DEFAULT 0 CHECK (evicted IN (0, 1));
      """)

  /// GRDB's view of `steps`.
  static func migrator(_ steps: [SchemaStep]) -> DatabaseMigrator {
    var migrator = DatabaseMigrator()
    for step in steps {
      migrator.registerMigration(step.identifier) { try $0.execute(sql: step.sql) }
    }
    return migrator
  }
}
