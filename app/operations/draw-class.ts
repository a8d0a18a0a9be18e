import { createHash } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../problem.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { RgbImage } from '../tensor/images.ts'
import { classImageSet } from '../training/class-images.ts'
import { classPrompts, vocabularyOf } from '../training/class-prompts.ts'
import type { TrainingSet } from '../training/data.ts'
import { drawSights, type Sight } from '../training/draw.ts'
import { fileProblem, writeFileSafely } from '../weights/safe-file.ts'
import { fileName } from './file-name.ts'
import type { OperationContext, Progress, Workshop } from './operation.ts'

/** What class images are drawn for. */
interface Wanted {
  readonly identifier: string
  readonly class: string
  /** How many. */
  readonly classImages: number
  /** Of the training. */
  readonly steps: number
}

/** Pictures of the class, and of other things, as the model draws them before it learns (`classPrompts`). They are kept in a folder of the person's, with their words beside them: whoever teaches the same model
 *  something of the same class has them at once, and they can be looked at as a data set. Their seeds are the same in each training: the
 *  first, the second ... picture of the same words. */
export async function* drawClass(
  context: OperationContext<'checkpoint' | 'workshop' | 'making'>,
  { examples }: TrainingSet,
  wanted: Wanted,
): AsyncGenerator<Progress, TrainingSet> {
  const { checkpoint, signal, workshop, making } = context
  const total = wanted.steps
  const hash = making.hashes[making.source]
  const kept = hash === undefined ? undefined : new KeptClass(checkpoint, workshop, hash, wanted.class)
  const drawn = []
  const turns = new Map<string, number>()
  const captions = examples.map(({ caption }) => caption)
  const prompts = classPrompts(captions, wanted, vocabularyOf(checkpoint), wanted.classImages)
  for (const [k, prompt] of prompts.entries()) {
    signal.throwIfAborted()
    const turn = turns.get(prompt) ?? 0
    turns.set(prompt, turn + 1)
    const sight = { prompt, seed: BigInt(turn) }
    const known = await kept?.find(sight)
    if (known === undefined) yield { phase: `Drawing class image ${k + 1} of ${wanted.classImages}`, step: 0, total }
    const [image] =
      known === undefined ? await drawSights(checkpoint, [sight], { signal, rest: workshop.rest }) : [known]
    if (known === undefined) await kept?.keep(sight, image)
    drawn.push({ image, caption: prompt })
  }
  const { classImages: count } = wanted
  if (kept) yield { phase: `${count} class images are ready`, step: 0, total, classImages: kept.place }
  return classImageSet(drawn)
}

/** The folder of what one model draws of one class. */
class KeptClass {
  readonly place: { readonly folder: string; readonly name: string }
  readonly #checkpoint: Checkpoint
  readonly #workshop: Workshop
  readonly #model: string

  /** @param model SHA-256 of its weights */
  constructor(checkpoint: Checkpoint, workshop: Workshop, model: string, kind: string) {
    this.#checkpoint = checkpoint
    this.#workshop = workshop
    this.#model = model
    const name = `${kind || 'pictures'}, drawn by ${checkpoint.description.name}`
    this.place = { name, folder: join(workshop.home, 'class-images', `${fileName(name)} ${model.slice(0, 8)}`) }
  }

  /** A picture that was drawn before; undefined where it was not, or cannot be read any more. */
  async find(sight: Sight): Promise<RgbImage | undefined> {
    const path = this.#path(sight, 'png')
    if (!existsSync(path)) return undefined
    try {
      const image = await this.#workshop.readPicture(path)
      const { width, height } = this.#checkpoint.description.defaults
      return image.width === width && image.height === height ? image : undefined
    } catch (error) {
      if (error instanceof Problem) return undefined
      throw error
    }
  }

  /** @throws Problem FILE_*, DISK_FULL */
  async keep(sight: Sight, image: RgbImage): Promise<void> {
    const png = await this.#workshop.encodePicture(image)
    try {
      mkdirSync(this.place.folder, { recursive: true })
    } catch (error) {
      throw fileProblem(error, this.place.folder)
    }
    writeFileSafely(this.#path(sight, 'txt'), [Buffer.from(sight.prompt)])
    writeFileSafely(this.#path(sight, 'png'), [png])
  }

  /** Named by all that the picture depends on. */
  #path({ prompt, seed }: Sight, ending: string): string {
    const { width, height, steps, guidance, sampler } = this.#checkpoint.description.defaults
    const { provider, compute } = this.#workshop.runtime.target
    const all = [this.#model, prompt, `${seed}`, width, height, steps, guidance, sampler, provider, compute]
    const name = createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 16)
    return join(this.place.folder, `${name}.${ending}`)
  }
}
