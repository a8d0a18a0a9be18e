import Database from 'better-sqlite3'
import { Problem } from '../problem.ts'

type Value = string | number | bigint | Uint8Array | null
/** Named (`@name`) or, as an array, positional (`?`) values of a statement. */
export type Values = Readonly<Record<string, Value>> | readonly Value[]

/** The library's SQLite file: typed statements, transactions, and errors in words. The only place that knows better-sqlite3. */
export class Store {
  readonly path: string
  readonly #database: Database.Database
  readonly #statements = new Map<string, Database.Statement<[Values], unknown>>()

  /** Opens or makes the file. @throws Problem LIBRARY_... when the folder or the disk does not allow it */
  constructor(path: string) {
    this.path = path
    this.#database = this.#guard(() => new Database(path))
    this.#guard(() => {
      // What a person made survives a power cut (FULL), not only a crash.
      const mode = this.#database.pragma('journal_mode = WAL', { simple: true })
      if (mode !== 'wal') throw unsuitablePlace(path)
      this.#database.pragma('synchronous = FULL')
      this.#database.pragma('foreign_keys = ON')
      this.#database.pragma('busy_timeout = 5000')
    })
  }

  /** Rows of a query. */
  all<Row>(sql: string, values: Values = []): Row[] {
    return this.#guard(() => this.#prepare<Row>(sql).all(values))
  }

  /** The first row of a query. */
  get<Row>(sql: string, values: Values = []): Row | undefined {
    return this.#guard(() => this.#prepare<Row>(sql).get(values))
  }

  /** Runs a statement. @returns the number of rows that it changed */
  run(sql: string, values: Values = []): number {
    return this.#guard(() => this.#prepare(sql).run(values).changes)
  }

  /** Runs several statements without values. */
  script(sql: string): void {
    this.#guard(() => this.#database.exec(sql))
  }

  /** All or nothing; holds the write lock from the start, so what is read in it stays true. */
  transaction<T>(work: () => T): T {
    return this.#guard(() => this.#database.transaction(work).immediate())
  }

  /** The number of the last migration that was made here. */
  get version(): number {
    return this.#guard(() => Number(this.#database.pragma('user_version', { simple: true })))
  }

  set version(version: number) {
    this.#guard(() => this.#database.pragma(`user_version = ${Math.trunc(version)}`))
  }

  /** SQLite's own check of the whole file. @returns what is damaged, one sentence each; empty: nothing */
  damages(): string[] {
    const rows = this.all<{ integrity_check: string }>('PRAGMA integrity_check')
    return rows.map(row => row.integrity_check).filter(line => line !== 'ok')
  }

  /** A consistent copy in one file, while the library is in use. The target must not exist. */
  copyTo(path: string): void {
    this.#guard(() => this.#database.prepare('VACUUM INTO ?').run(path))
  }

  /** The same in small pieces, between other work; starts anew where something is written meanwhile. */
  async copyGradually(path: string): Promise<void> {
    await this.#database.backup(path)
  }

  /** Changes when another connection, of this process or another, has written. */
  get changesOfOthers(): number {
    return this.#guard(() => Number(this.#database.pragma('data_version', { simple: true })))
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }

  #prepare<Row>(sql: string): Database.Statement<[Values], Row> {
    const known = this.#statements.get(sql)
    const statement = known ?? this.#database.prepare<[Values], unknown>(sql)
    if (!known) this.#statements.set(sql, statement)
    return statement as Database.Statement<[Values], Row>
  }

  #guard<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw libraryProblem(error, this.path)
    }
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

const unsuitablePlace = (path: string) =>
  new Problem('LIBRARY_PLACE', `${path} lies in a folder that cannot hold a library safely (a network folder?).`, {
    hint: 'Choose a folder on this computer.',
  })

/** Says in words what the disk or SQLite refused; errors of other kinds are given back as they are. */
export function libraryProblem(error: unknown, path: string): unknown {
  const code = codeOf(error)
  const options = { cause: error, details: { code } }
  if (/^(SQLITE_FULL|ENOSPC|EDQUOT)/.test(code)) {
    return new Problem('DISK_FULL', `The disk is full; ${path} could not be written.`, {
      ...options,
      hint: 'Free some space, then try again; nothing that was there is lost.',
    })
  }
  if (/^(SQLITE_READONLY|SQLITE_CANTOPEN|SQLITE_PERM|EACCES|EPERM|EROFS)/.test(code)) {
    return new Problem('LIBRARY_READ_ONLY', `${path} cannot be written.`, {
      ...options,
      hint: 'Allow writing in this folder, or set SFUMATO_HOME to another one.',
    })
  }
  if (/^(SQLITE_CORRUPT|SQLITE_NOTADB)/.test(code)) {
    return new Problem('LIBRARY_DAMAGED', `${path} is damaged and was left as it is.`, {
      ...options,
      hint: 'Put a copy from the folder "backups" beside it in its place, then start again.',
    })
  }
  if (/^(SQLITE_BUSY|SQLITE_LOCKED)/.test(code)) {
    return new Problem('LIBRARY_BUSY', `${path} is in use by another program for longer than five seconds.`, {
      ...options,
      hint: 'Try again in a moment.',
    })
  }
  if (/^(SQLITE_IOERR|EIO)/.test(code)) {
    return new Problem('DISK_ERROR', `The disk reported an error at ${path}.`, {
      ...options,
      hint: 'Check the disk; nothing that was recorded before is lost.',
    })
  }
  return error
}
