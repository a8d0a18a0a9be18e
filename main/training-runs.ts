import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Training, TrainingHistory } from '../app/library/trainings.ts'
import { addedPrompts, keptResult, promptsFile, sightFile, takenResult } from '../app/operations/run-journal.ts'
import { Problem } from '../app/problem.ts'
import { type HistoryEntry, HistoryWriter, historyFile, readEntries, standing } from '../app/training/run-history.ts'
import { fileProblem, writeFileSafely, writeFolderSafely } from '../app/weights/safe-file.ts'

/** Points of a curve that a page is told; longer ones are means of neighbours. */
const MOST_POINTS = 2000
/** Rows of pictures that a run is watched by; each costs a picture at each look. */
const MOST_PROMPTS = 12

/** What the rate of a run is multiplied by that came apart. */
const HALF = 0.5

/** What was read of a run's history so far. */
interface Known {
  read: number
  readonly entries: HistoryEntry[]
}

/** The trainings of this computer, as their folders tell: histories, pictures that they were watched by, results on the way. Histories are read on from
 *  where they were read to. */
export class TrainingRuns {
  readonly #home: string
  readonly #folder: string
  readonly #known = new Map<string, Known>()

  /** @param home the person's folder */
  constructor(home: string) {
    this.#home = home
    this.#folder = join(home, 'training')
  }

  /** All runs, the newest first. */
  list(): Training[] {
    const runs = this.#ids().flatMap(id => trainingOf(id, this.#entries(id)) ?? [])
    return runs.toSorted((a, b) => b.beganAt - a.beganAt)
  }

  /** @throws Problem TRAINING_UNKNOWN */
  get(id: string): TrainingHistory {
    const entries = this.#ids().includes(id) ? this.#entries(id) : []
    const training = trainingOf(id, entries)
    if (training === undefined) throw unknown()
    const history = historyOf(entries)
    return { ...training, ...history, prompts: [...history.prompts, ...addedPrompts(join(this.#folder, id))] }
  }

  /** Lets a run that goes on be watched by one more prompt: from its next look on there is a picture of it.
   *  @throws Problem TRAINING_UNKNOWN, TRAINING_PROMPT, FILE_*, DISK_FULL */
  addPrompt(id: string, prompt: string): TrainingHistory {
    const { prompts } = this.get(id)
    if (prompts.includes(prompt)) throw new Problem('TRAINING_PROMPT', 'The run is watched by this prompt already.')
    if (prompts.length >= MOST_PROMPTS) {
      throw new Problem('TRAINING_PROMPT', `A run is watched by at most ${MOST_PROMPTS} prompts.`)
    }
    const folder = join(this.#folder, id)
    writeFileSafely(promptsFile(folder), [Buffer.from(JSON.stringify([...addedPrompts(folder), prompt]))])
    return this.get(id)
  }

  /** Where the picture lies that a run was watched by; undefined where there is none, whatever the string is. */
  picture(hash: string): { path: string; type: string } | undefined {
    if (!/^[0-9a-f]{64}$/.test(hash)) return undefined
    const path = this.#ids()
      .map(id => sightFile(join(this.#folder, id), hash))
      .find(each => existsSync(each))
    return path === undefined ? undefined : { path, type: 'image/png' }
  }

  /** Puts what a run had learned after a step beside its result. @returns its path
   *  @throws Problem TRAINING_UNKNOWN, TRAINING_STEP, FILE_*, DISK_FULL */
  result(id: string, step: number): string {
    const { kept } = this.get(id)
    const began = this.#entries(id).findLast(entry => entry.kind === 'began')
    const target = began?.kind === 'began' ? began.result : undefined
    const from = target === undefined ? undefined : keptResult(join(this.#folder, id), step, target)
    if (target === undefined || from === undefined || !kept.includes(step) || !existsSync(from)) {
      throw new Problem('TRAINING_STEP', `What was learned up to step ${step} was not kept.`, {
        hint: kept.length === 0 ? 'Let it go on for a while.' : `Choose one of the steps ${kept.join(', ')}.`,
      })
    }
    const path = join(this.#home, takenResult(target, step))
    try {
      mkdirSync(dirname(path), { recursive: true })
      // A file is replaced in one step; a folder cannot be.
      if (statSync(from).isDirectory()) rmSync(path, { recursive: true, force: true })
      copySafely(from, path)
      return path
    } catch (error) {
      throw fileProblem(error, path)
    }
  }

  /** Halves the rate of a run that came apart, from its last good state on; once, however often it is asked for. @returns the newest job of the run
   *  @throws Problem TRAINING_UNKNOWN, TRAINING_GOOD, FILE_*, DISK_FULL */
  slowDown(id: string): string | undefined {
    const { jobs } = this.get(id)
    const last = this.#entries(id).findLast(({ kind }) => kind === 'diverged' || kind === 'slower' || kind === 'began')
    if (last === undefined || last.kind === 'began') {
      throw new Problem('TRAINING_GOOD', 'This training has not come apart, and goes on at its own rate.')
    }
    if (last.kind === 'diverged') {
      new HistoryWriter(join(this.#folder, id)).add({ kind: 'slower', step: last.safe, factor: HALF })
    }
    return jobs.at(-1)
  }

  /** Seconds of a step for each picture that it looks at, as the newest training of an operation took. */
  secondsPerPicture(operation: string): number | undefined {
    for (const { id } of this.list().filter(run => run.operation === operation)) {
      const measured = this.#entries(id).findLast(entry => entry.kind === 'measured')
      if (measured?.kind === 'measured') return measured.secondsPerStep / measured.pictures
    }
    return undefined
  }

  #ids(): string[] {
    if (!existsSync(this.#folder)) return []
    return readdirSync(this.#folder).filter(name => existsSync(historyFile(join(this.#folder, name))))
  }

  #entries(id: string): readonly HistoryEntry[] {
    const known = this.#known.get(id) ?? { read: 0, entries: [] }
    this.#known.set(id, known)
    const file = openSync(historyFile(join(this.#folder, id)), 'r')
    try {
      const bytes = new Uint8Array(Math.max(0, fstatSync(file).size - known.read))
      const { entries, read } = readEntries(bytes.subarray(0, readSync(file, bytes, 0, bytes.length, known.read)))
      known.entries.push(...entries)
      known.read += read
    } finally {
      closeSync(file)
    }
    return known.entries
  }
}

/** A file, or a folder with all that is in it, to where nothing is. */
function copySafely(from: string, to: string): void {
  if (statSync(from).isDirectory()) {
    writeFolderSafely(to, folder => {
      for (const name of readdirSync(from)) copySafely(join(from, name), join(folder, name))
    })
  } else {
    writeFileSafely(to, [readFileSync(from)])
  }
}

const unknown = () =>
  new Problem('TRAINING_UNKNOWN', 'This training is not on this computer any more.', { hint: 'Start it again.' })

function trainingOf(id: string, entries: readonly HistoryEntry[]): Training | undefined {
  const began = entries.filter(entry => entry.kind === 'began')
  const last = began.at(-1)
  if (last === undefined) return undefined
  const { operation, name, steps } = last
  const done = standing(entries).findLast(entry => entry.kind === 'loss' || entry.kind === 'began')
  const jobs = [...new Set(began.map(({ job }) => job))]
  return { ...{ id, operation, name, steps, jobs }, done: done?.step ?? 0, beganAt: began[0].at }
}

/** What a page shows of a history. */
export function historyOf(entries: readonly HistoryEntry[]): Omit<TrainingHistory, keyof Training> {
  const losses: [number, number][] = []
  const heldBack: [number, number][] = []
  const distances: TrainingHistory['distances'] = []
  const looks: { step: number; pictures: string[] }[] = []
  const kept: number[] = []
  let resumed: number[] = []
  let prompts: string[] = []
  let keepsSteps = false
  let saved: TrainingHistory['saved']
  let diverged: TrainingHistory['diverged']
  for (const entry of standing(entries)) {
    switch (entry.kind) {
      case 'began': {
        const { step } = entry
        prompts = entry.prompts
        keepsSteps = entry.result !== undefined
        resumed = [...resumed.filter(each => each < step), ...(step > 0 ? [step] : [])]
        diverged = undefined
        break
      }
      case 'loss':
        losses.push([entry.step, entry.loss])
        break
      case 'held back':
        heldBack.push([entry.step, entry.loss])
        break
      case 'distance': {
        const { step, fid, kid, network, pictures } = entry
        distances.push({ step, fid, kid, network, pictures: pictures[0] })
        break
      }
      case 'pictures':
        looks.push({ step: entry.step, pictures: entry.pictures })
        break
      case 'kept':
        kept.push(entry.step)
        break
      case 'saved':
        saved = { step: entry.step, at: entry.at }
        break
      case 'diverged':
        diverged = { step: entry.step, safe: entry.safe }
        break
    }
  }
  return {
    losses: thinned(losses),
    heldBack,
    distances,
    prompts,
    looks,
    keepsSteps,
    kept,
    resumed,
    ...(saved && { saved }),
    ...(diverged && { diverged }),
  }
}

function thinned(curve: readonly [number, number][]): [number, number][] {
  const size = Math.ceil(curve.length / MOST_POINTS)
  if (size <= 1) return [...curve]
  return Array.from({ length: Math.ceil(curve.length / size) }, (_, k) => {
    const part = curve.slice(k * size, (k + 1) * size)
    const [step] = part.at(-1) ?? [0]
    return [step, part.reduce((sum, [, loss]) => sum + loss, 0) / part.length]
  })
}
