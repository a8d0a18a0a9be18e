import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { z } from 'zod'
import type { RgbImage } from '../tensor/images.ts'
import type { TrainingStep } from '../training/loop.ts'
import type { Numbers } from '../training/numbers.ts'
import type { PictureDistance } from '../training/picture-distance.ts'
import { HistoryWriter, readHistory, standing } from '../training/run-history.ts'
import { runStates, stepOfState } from '../training/run-state.ts'
import { writeFileSafely } from '../weights/safe-file.ts'
import type { Workshop } from './operation.ts'

/** How a run is watched, and what is kept of it on the way. */
export interface Watching {
  readonly operation: string
  /** What the result is called. */
  readonly name: string
  readonly steps: number
  /** Steps from one look to the next. */
  readonly every: number
  /** What its pictures are drawn from. */
  readonly prompts: readonly string[]
  /** Loss of pictures that are not learned from; absent: there are none. */
  readonly heldBackLoss?: (parameters: Numbers) => Promise<number>
  /** How far what is drawn is from what is learned; absent: nobody asked. */
  readonly distance?: (parameters: Numbers) => Promise<PictureDistance | undefined>
  /** Writes what was learned so far as a result; absent: only the end counts. */
  readonly result?: {
    /** Where it goes at the end: a file ending in .safetensors, or a folder. */
    readonly target: string
    readonly write: (path: string, parameters: Numbers) => void
  }
}

const FILE = '.safetensors'

/** A result that a run kept on the way. @param target as `Watching.result` has it */
export const keptResult = (folder: string, step: number, target: string): string =>
  join(folder, 'results', `step-${String(step).padStart(7, '0')}${target.endsWith(FILE) ? FILE : ''}`)

/** Where such a result goes that is taken: beside the last one. */
export const takenResult = (target: string, step: number): string =>
  target.endsWith(FILE) ? `${target.slice(0, -FILE.length)} step ${step}${FILE}` : `${target} step ${step}`

/** A picture that a run was watched by. @param hash SHA-256 of its file */
export const sightFile = (folder: string, hash: string): string => join(folder, 'pictures', `${hash}.png`)

/** Where prompts are kept that a person gave a run while it went on. */
export const promptsFile = (folder: string): string => join(folder, 'prompts.json')

/** Prompts that a person gave a run while it went on, the oldest first; they come behind those that it began with. */
export function addedPrompts(folder: string): string[] {
  const path = promptsFile(folder)
  if (!existsSync(path)) return []
  try {
    return z.array(z.string()).parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    // Watching a run is no reason to end it.
    return []
  }
}

/** Keeps what a run is watched by in its folder, so that all of it is there after a restart: losses, pictures, results of the steps between. */
export class RunJournal {
  readonly #folder: string
  readonly #watching: Watching
  readonly #workshop: Workshop
  readonly #history: HistoryWriter
  /** The last step whose result was kept. */
  #kept = 0

  constructor(folder: string, watching: Watching, workshop: Workshop) {
    this.#folder = folder
    this.#watching = watching
    this.#workshop = workshop
    this.#history = new HistoryWriter(folder)
  }

  /** Says that the run begins or goes on. @returns whether nothing was learned before */
  begin(secondsPerStep: number, pictures: number): boolean {
    const { operation, name, steps, prompts, result } = this.#watching
    const [newest] = runStates(this.#folder)
    const step = newest === undefined ? 0 : stepOfState(newest)
    const common = { operation, name, steps, prompts: [...prompts], job: this.#workshop.job }
    this.#history.add(
      {
        kind: 'began',
        step,
        at: Date.now(),
        ...common,
        ...(result && { result: relative(this.#workshop.home, result.target) }),
      },
      { kind: 'measured', secondsPerStep, pictures },
    )
    this.#kept = step
    return step === 0 && !readHistory(this.#folder).some(({ kind }) => kind === 'pictures')
  }

  /** Where the rate was lowered, as `TrainingHabits` has it. */
  slower(): { readonly step: number; readonly factor: number }[] {
    return readHistory(this.#folder).filter(entry => entry.kind === 'slower')
  }

  /** Says that it came apart: what it had learned by then is no result. */
  diverged(step: number, safe: number): void {
    this.#history.add({ kind: 'diverged', step, safe })
  }

  /** Keeps what is to be seen of a moment: pictures, the loss of what is held back, and how far pictures are from what is learned. */
  async look(step: number, parameters: Numbers, images: readonly RgbImage[]): Promise<void> {
    if (images.length > 0) {
      const pictures: string[] = []
      for (const image of images) pictures.push(await this.#keepPicture(image))
      this.#history.add({ kind: 'pictures', step, pictures })
    }
    const loss = await this.#watching.heldBackLoss?.(parameters)
    if (loss !== undefined) this.#history.add({ kind: 'held back', step, loss })
    const distance = await this.#watching.distance?.(parameters)
    if (distance) this.#history.add({ kind: 'distance', step, ...distance, pictures: [...distance.pictures] })
  }

  /** Keeps what a step told; at its intervals also a look and a result. */
  async step({ step, total, loss, saved, learned, pictures = [] }: TrainingStep): Promise<void> {
    this.#history.add({ kind: 'loss', step, loss })
    if (saved !== undefined) this.#history.add({ kind: 'saved', step, at: Date.now() })
    if (step % this.#watching.every !== 0 && step !== total) return
    await this.look(step, learned, pictures)
    this.keepResult(step, learned)
  }

  /** Says that it can go on from a step, where the loop saved itself as it was stopped. */
  stopped(step: number): void {
    const [newest] = runStates(this.#folder)
    const isSaved = newest?.endsWith(`-${String(step).padStart(7, '0')}.safetensors`)
    const isKnown = standing(readHistory(this.#folder)).some(entry => entry.kind === 'saved' && entry.step === step)
    if (isSaved && !isKnown) this.#history.add({ kind: 'saved', step, at: Date.now() })
  }

  /** Keeps what was learned up to a step as a result of its own. */
  keepResult(step: number, parameters: Numbers): void {
    const { result } = this.#watching
    if (result === undefined || step <= this.#kept) return
    const path = keptResult(this.#folder, step, result.target)
    mkdirSync(dirname(path), { recursive: true })
    // A run that goes on from an earlier state comes by here again.
    rmSync(path, { recursive: true, force: true })
    result.write(path, parameters)
    this.#kept = step
    this.#history.add({ kind: 'kept', step })
  }

  async #keepPicture(image: RgbImage): Promise<string> {
    const png = await this.#workshop.encodePicture(image)
    const hash = createHash('sha256').update(png).digest('hex')
    const path = sightFile(this.#folder, hash)
    mkdirSync(dirname(path), { recursive: true })
    if (!existsSync(path)) writeFileSafely(path, [png])
    return hash
  }
}
