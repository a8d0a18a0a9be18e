import { randomUUID } from 'node:crypto'
import { Problem } from '../problem.ts'
import type { Job, JobCost, JobState, ProblemInfo } from './records.ts'
import type { Store } from './store.ts'

/** A job as it is kept; what it is doing right now (progress) is known to its engine alone. */
export type JobRow = Omit<Job, 'progress' | 'images'> & {
  /** The engine that runs it or has it in its queue. */
  readonly engine: string
  readonly wish?: JobWish
}

/** How a job ends. */
export type EndState = Exclude<JobState, 'waiting' | 'running' | 'paused'>

/** What a person wishes of a job that goes on where it was stopped: that it waits, or that it ends now and keeps what it has. */
export type JobWish = 'pause' | 'keep'

/** Whether a job is still to end. */
export const isOpen = ({ state }: Pick<JobRow, 'state'>): boolean =>
  state === 'waiting' || state === 'running' || state === 'paused'

interface Row {
  id: string
  engine: string
  operation: string
  model: string
  parameters: string
  state: Exclude<JobState, 'paused'>
  resumes: number
  wish: JobWish | null
  position: number
  createdAt: number
  startedAt: number | null
  endedAt: number | null
  problem: string | null
  cost: string | null
}

/** From this place on wait jobs that let all others go first. */
const LAST = 1e9

/** Jobs as rows. Each belongs to one engine; only that engine changes it while it lives. */
export class Jobs {
  readonly #store: Store
  readonly #engine: string

  constructor(store: Store, engine: string) {
    this.#store = store
    this.#engine = engine
  }

  /** Puts a job at the end of this engine's queue. @param job.yields whether it waits for all that do not */
  add(
    job: Pick<JobRow, 'operation' | 'model' | 'parameters' | 'resumes'> & { readonly yields?: boolean },
    createdAt = Date.now(),
  ): JobRow {
    const id = randomUUID()
    this.#store.run(
      `INSERT INTO jobs (id, engine, operation, model, parameters, resumes, state, position, createdAt)
       VALUES (?, ?, ?, ?, ?, ?, 'waiting', ? + coalesce((SELECT max(position) FROM jobs WHERE position < ?), 0), ?)`,
      [
        id,
        this.#engine,
        job.operation,
        job.model,
        JSON.stringify(job.parameters),
        job.resumes ? 1 : 0,
        job.yields ? LAST : 1,
        LAST,
        createdAt,
      ],
    )
    return this.get(id)
  }

  /** @throws Problem JOB_UNKNOWN */
  get(id: string): JobRow {
    const row = this.#store.get<Row>('SELECT * FROM jobs WHERE id = ?', [id])
    if (!row) throw new Problem('JOB_UNKNOWN', 'This job is not in the list any more.')
    return jobOf(row)
  }

  /** All that wait or run, in the order of the queue, then the latest that ended. @param ended how many of those */
  list(ended = 200): JobRow[] {
    const open = this.#store.all<Row>(
      `SELECT * FROM jobs WHERE state IN ('waiting', 'running') ORDER BY state = 'waiting', position`,
    )
    const closed = this.#store.all<Row>(
      `SELECT * FROM jobs WHERE state NOT IN ('waiting', 'running') ORDER BY createdAt DESC, position DESC LIMIT ?`,
      [ended],
    )
    return [...open, ...closed].map(jobOf)
  }

  /** This engine's waiting jobs, next one first; paused ones are not among them. */
  waiting(): JobRow[] {
    const rows = this.#store.all<Row>(
      `SELECT * FROM jobs WHERE state = 'waiting' AND wish IS NOT 'pause' AND engine = ? ORDER BY position`,
      [this.#engine],
    )
    return rows.map(jobOf)
  }

  /** The time of its first start stays. @returns whether it still waited */
  start(id: string, now = Date.now()): boolean {
    const sql = `UPDATE jobs SET state = 'running', startedAt = coalesce(startedAt, ?) WHERE id = ? AND state = 'waiting'`
    return this.#store.run(sql, [now, id]) > 0
  }

  /** Puts a job that runs back to its place, to go on later. */
  putBack(id: string): JobRow {
    this.#store.run(`UPDATE jobs SET state = 'waiting' WHERE id = ? AND state = 'running'`, [id])
    return this.get(id)
  }

  /** Keeps what the person wishes of a job; undefined: that it goes on. */
  setWish(id: string, wish: JobWish | undefined): JobRow {
    this.#store.run('UPDATE jobs SET wish = ? WHERE id = ?', [wish ?? null, id])
    return this.get(id)
  }

  /** Writes down what a job is predicted to take, or took. */
  setCost(id: string, cost: JobCost): void {
    this.#store.run('UPDATE jobs SET cost = ? WHERE id = ?', [JSON.stringify(cost), id])
  }

  /** Ends a job that waits or runs. What has ended already stays as it is. */
  end(id: string, state: EndState, problem?: ProblemInfo, now = Date.now()): JobRow {
    this.#store.run(
      `UPDATE jobs SET state = ?, problem = ?, endedAt = ? WHERE id = ? AND state IN ('waiting', 'running')`,
      [state, problem === undefined ? null : JSON.stringify(problem), now, id],
    )
    return this.get(id)
  }

  /** Puts a waiting job before another one, or at the end. @returns this engine's queue afterwards
   *  @throws Problem JOB_NOT_WAITING when either of them does not wait here */
  move(id: string, before?: string): JobRow[] {
    return this.#store.transaction(() => {
      const queue = this.waiting()
      const moved = queue.find(job => job.id === id)
      const rest = queue.filter(job => job !== moved)
      const at = before === undefined ? rest.length : rest.findIndex(job => job.id === before)
      if (!moved || (at < 0 && before !== id)) {
        throw new Problem('JOB_NOT_WAITING', 'Only jobs that wait in this queue can be moved.')
      }
      if (before === id) return queue
      const places = queue.map(job => job.position)
      for (const [place, job] of rest.toSpliced(at, 0, moved).entries()) {
        this.#store.run('UPDATE jobs SET position = ? WHERE id = ?', [places[place] ?? place, job.id])
      }
      return this.waiting()
    })
  }

  /** Ends whatever engines that are no more had running, but for what goes on; their queues go to this engine, if it keeps one.
   *  @param dead engines whose process is gone without a word; `keepsQueue` is theirs
   *  @returns the jobs that were changed */
  takeOver(dead: readonly { id: string; keepsQueue: boolean }[], keepsQueue: boolean, problem: ProblemInfo): JobRow[] {
    return this.#store.transaction(() => {
      const changed: JobRow[] = []
      for (const engine of dead) {
        if (engine.keepsQueue) this.#putAllBack(engine.id)
        const states = engine.keepsQueue ? `('running')` : `('running', 'waiting')`
        const rows = this.#store.all<{ id: string }>(`SELECT id FROM jobs WHERE engine = ? AND state IN ${states}`, [
          engine.id,
        ])
        for (const { id } of rows) changed.push(this.end(id, 'interrupted', problem))
        this.#store.run('DELETE FROM engines WHERE id = ?', [engine.id])
      }
      if (!keepsQueue) return changed
      const adopted = this.#store.all<Row>(
        `UPDATE jobs SET engine = ? WHERE state = 'waiting' AND engine NOT IN (SELECT id FROM engines) RETURNING *`,
        [this.#engine],
      )
      return [...changed, ...adopted.map(jobOf)]
    })
  }

  #putAllBack(engine: string): void {
    this.#store.run(`UPDATE jobs SET state = 'waiting' WHERE engine = ? AND state = 'running' AND resumes = 1`, [
      engine,
    ])
  }

  /** For an engine that leaves: what runs is interrupted; what waits, or goes on later, stays for the next engine, or is cancelled. */
  leave(keepsQueue: boolean, problem: ProblemInfo): void {
    this.#store.transaction(() => {
      if (keepsQueue) this.#putAllBack(this.#engine)
      const mine = this.#store.all<Row>(`SELECT * FROM jobs WHERE engine = ? AND state IN ('waiting', 'running')`, [
        this.#engine,
      ])
      for (const { id, state } of mine) {
        if (state === 'running') this.end(id, 'interrupted', problem)
        else if (!keepsQueue) this.end(id, 'cancelled')
      }
    })
  }
}

const jobOf = (row: Row): JobRow => ({
  id: row.id,
  engine: row.engine,
  operation: row.operation,
  model: row.model,
  parameters: JSON.parse(row.parameters),
  state: row.state === 'waiting' && row.wish === 'pause' ? 'paused' : row.state,
  position: row.position,
  createdAt: row.createdAt,
  ...(row.resumes === 1 && { resumes: true }),
  ...(row.wish !== null && { wish: row.wish }),
  ...(row.startedAt === null ? {} : { startedAt: row.startedAt }),
  ...(row.endedAt === null ? {} : { endedAt: row.endedAt }),
  ...(row.problem === null ? {} : { problem: JSON.parse(row.problem) }),
  ...(row.cost === null ? {} : { cost: JSON.parse(row.cost) }),
})
