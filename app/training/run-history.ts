import { closeSync, existsSync, fstatSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { fileProblem } from '../weights/safe-file.ts'

/** What a run tells of itself, one line of JSON an entry, in the order in which it happened. Losses of the same steps come again where a run that
 *  was ended goes on from an earlier state. Times are milliseconds since 1970. */
export const HistoryEntry = z.discriminatedUnion('kind', [
  /** It begins, or goes on, after this many steps. */
  z.object({
    kind: z.literal('began'),
    step: z.int(),
    at: z.number(),
    /** Of the queue. */
    job: z.string(),
    operation: z.string(),
    /** What the result is called. */
    name: z.string(),
    steps: z.int(),
    /** Where in the person's folder the result goes, if it is a file. */
    result: z.string().optional(),
    /** What the pictures are drawn from, in their order. */
    prompts: z.array(z.string()),
  }),
  /** What a step was measured to take, and how many pictures it looks at. */
  z.object({ kind: z.literal('measured'), secondsPerStep: z.number(), pictures: z.int() }),
  z.object({ kind: z.literal('loss'), step: z.int(), loss: z.number() }),
  /** Loss of pictures that are not learned from. */
  z.object({ kind: z.literal('held back'), step: z.int(), loss: z.number() }),
  /** How far drawn pictures are from those that are learned from: `PictureDistance`. */
  z.object({
    kind: z.literal('distance'),
    step: z.int(),
    fid: z.number(),
    kid: z.number(),
    network: z.string(),
    pictures: z.tuple([z.int(), z.int()]),
  }),
  /** Pictures to watch it by, by the SHA-256 of their PNG files. */
  z.object({ kind: z.literal('pictures'), step: z.int(), pictures: z.array(z.string()) }),
  /** What was learned up to here is kept as a result. */
  z.object({ kind: z.literal('kept'), step: z.int() }),
  /** It can go on from here. */
  z.object({ kind: z.literal('saved'), step: z.int(), at: z.number() }),
  /** It came apart: the first bad step, and the newest state from before it (0: none). */
  z.object({ kind: z.literal('diverged'), step: z.int(), safe: z.int() }),
  /** From these many steps on its rate is multiplied. */
  z.object({ kind: z.literal('slower'), step: z.int(), factor: z.number() }),
])
export type HistoryEntry = z.infer<typeof HistoryEntry>

export const historyFile = (folder: string): string => join(folder, 'history.jsonl')

/** Puts entries at the end of a run's history. What a kill left of a line is taken away first.
 *  @throws Problem FILE_*, DISK_FULL */
export class HistoryWriter {
  readonly #path: string

  constructor(folder: string) {
    this.#path = historyFile(folder)
    try {
      mkdirSync(folder, { recursive: true })
      const file = openSync(this.#path, 'a+')
      try {
        ftruncateSync(file, wholeLines(readFileSync(this.#path)))
      } finally {
        closeSync(file)
      }
    } catch (error) {
      throw fileProblem(error, this.#path)
    }
  }

  add(...entries: readonly HistoryEntry[]): void {
    try {
      const file = openSync(this.#path, 'a')
      try {
        const before = fstatSync(file).size
        const lines = Buffer.from(entries.map(entry => `${JSON.stringify(entry)}\n`).join(''))
        // A full disk takes a part: the next entry must begin a line of its own.
        if (writeSync(file, lines) < lines.length) ftruncateSync(file, before)
      } finally {
        closeSync(file)
      }
    } catch (error) {
      throw fileProblem(error, this.#path)
    }
  }
}

/** Bytes up to the end of the last line. */
const wholeLines = (bytes: Uint8Array): number => bytes.lastIndexOf(10) + 1

/** The entries of a part of a history; a line that is no entry (it was cut, or another version wrote it) is passed over.
 *  @returns how many bytes were read: a last line without its end is left for the next time */
export function readEntries(bytes: Uint8Array): { readonly entries: HistoryEntry[]; readonly read: number } {
  const read = wholeLines(bytes)
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, read).toString('utf8').split('\n')
  return { entries: lines.flatMap(entryOf), read }
}

function entryOf(line: string): HistoryEntry[] {
  try {
    const { data } = HistoryEntry.safeParse(JSON.parse(line))
    return data ? [data] : []
  } catch {
    return []
  }
}

/** All entries of the run in a folder; none where there is no history. @throws Problem FILE_* */
export function readHistory(folder: string): HistoryEntry[] {
  const path = historyFile(folder)
  if (!existsSync(path)) return []
  try {
    return readEntries(readFileSync(path)).entries
  } catch (error) {
    throw fileProblem(error, path)
  }
}

/** What a history still stands for. What was learned after the state that a run went on from is learned again, and what was looked at, kept or saved
 *  after it came apart is spoilt: only the newest of each step counts.
 *  @returns entries of the history, in their order */
export function standing(entries: readonly HistoryEntry[]): HistoryEntry[] {
  let left: HistoryEntry[] = []
  for (const entry of entries) {
    const { kind } = entry
    if (kind === 'began') left = left.filter(each => !isOfLearning(each) || each.step <= entry.step)
    if (kind === 'diverged') {
      // What a state holds is told by the loss of the step after it.
      const last = (each: HistoryEntry) => (each.kind === 'saved' ? entry.safe : entry.step - 1)
      left = left.filter(each => !isOfLearning(each) || each.step <= last(each))
    }
    left.push(entry)
  }
  return left
}

const ofLearning = ['loss', 'held back', 'distance', 'pictures', 'kept', 'saved'] as const

/** Whether it tells of what was learned up to a step. */
const isOfLearning = (entry: HistoryEntry): entry is Extract<HistoryEntry, { kind: (typeof ofLearning)[number] }> =>
  ofLearning.some(kind => kind === entry.kind)
