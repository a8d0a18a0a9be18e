import { createHash } from 'node:crypto'
import { parse } from 'node:path'
import { Problem } from '../problem.ts'
import { fitImage, toGray } from '../tensor/fit.ts'
import { binarized, fromImages, type RgbImage } from '../tensor/images.ts'
import { shrunkMask } from '../tensor/masks.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import type { TrainingExample, TrainingSet } from './data.ts'
import { mirrored } from './latents.ts'
import { captionOf, pictureFiles, type ReadPicture } from './picture-folder.ts'

/** Pictures with the masks of the objects in them: an example for each object. */
export interface ObjectSet {
  /** Captions are what the objects are called. */
  readonly set: TrainingSet
  /** m, at the size of the latents: [1, 1, height, width] of 0 and 1. */
  readonly objectOf: (index: number, isMirrored: boolean) => Promise<Tensor>
  /** What the whole picture is said to show. */
  readonly wholeCaptionOf: (index: number) => string
  /** What tells the masks from others, for the identity of a run. */
  readonly identity: unknown
  /** What was left out, in words. */
  readonly leftOut: readonly string[]
}

/** A mask of a picture, and what is in it. */
interface FoundObject {
  /** Of the picture. */
  readonly index: number
  /** What the mask was made of, for messages. */
  readonly from: string
  /** Absent: what the whole picture is said to show. */
  readonly words?: string | undefined
  readonly mask: Tensor
}

/** How masks are brought to latents, and where objects are left out that cannot be seen there. */
interface MaskOptions {
  /** Pixels of a latent, on a side. */
  readonly stride: number
  readonly read: ReadPicture
}

/** The masks in a folder, white where an object is: `cat.png` belongs to the picture `cat.jpg`, and so do `cat.1.png` and `cat.tail.png` where there are
 *  several. A text file of the mask's name beside it says what the object is. They are cropped and scaled as their pictures were, and looked at once.
 *  @throws Problem TRAINING_MASKS where no picture has one; FILE_* */
export async function objectsInFolder(set: TrainingSet, folder: string, options: MaskOptions): Promise<ObjectSet> {
  const filesOf = masksByPicture(pictureFiles(folder), set)
  return objectsOf(set, `${folder} holds no mask that can be read for any of the pictures.`, async function* (index) {
    const { path, size } = set.examples[index]
    for (const file of (path && filesOf.get(parse(path).name)) || []) {
      const marks = toGray(await options.read(file))
      yield { index, from: file, words: captionOf(file), mask: inLatents(marks, size, options.stride) }
    }
  })
}

/** Files of masks by the names of their pictures: the longest name that theirs begins with, up to a dot. */
function masksByPicture(files: readonly string[], { examples }: TrainingSet): ReadonlyMap<string, readonly string[]> {
  const names = new Set(examples.map(({ path }) => (path === undefined ? '' : parse(path).name)))
  return Map.groupBy(files, file => {
    let { name } = parse(file)
    while (name !== '' && !names.has(name)) name = name.slice(0, Math.max(0, name.lastIndexOf('.')))
    return name
  })
}

/** What is not transparent in the pictures themselves. @param readOn a picture of a file on a background, as `#rrggbb`
 *  @throws Problem TRAINING_MASKS where nothing is transparent; FILE_* */
export async function objectsOnTransparency(
  set: TrainingSet,
  readOn: (path: string, background: string) => Promise<RgbImage>,
  stride: number,
): Promise<ObjectSet> {
  return objectsOf(set, 'No picture has transparent places around what it shows.', async function* (index) {
    const { path, size } = set.examples[index]
    if (path === undefined) return
    const [white, black] = [await readOn(path, '#ffffff'), await readOn(path, '#000000')]
    const alpha = alphaBetween(white, black)
    if (alpha.data.every(value => value >= HALF)) return
    yield { index, from: path, mask: inLatents(alpha, size, stride) }
  })
}

const HALF = 128

/** How much of a picture hides what is behind it: it is as much darker on black as it lets through. */
function alphaBetween(white: RgbImage, black: RgbImage): RgbImage {
  const [light, dark] = [toGray(white).data, toGray(black).data]
  return { ...white, data: light.map((value, k) => 255 - Math.max(0, value - dark[k])) }
}

const inLatents = (marks: RgbImage, size: TrainingExample['size'], stride: number): Tensor =>
  shrunkMask(binarized(fromImages([fitImage(marks, size, 'crop', 'bilinear')], 'unit')), stride)

async function objectsOf(
  set: TrainingSet,
  none: string,
  find: (index: number) => AsyncGenerator<FoundObject, void>,
): Promise<ObjectSet> {
  const found: FoundObject[] = []
  const leftOut: string[] = []
  for (const [index, { path }] of set.examples.entries()) {
    const before = found.length + leftOut.length
    try {
      for await (const object of find(index)) {
        if (object.mask.data.includes(1)) found.push(object)
        else leftOut.push(`${object.from} (it marks nothing that is large enough)`)
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      leftOut.push(error.message)
    }
    if (found.length + leftOut.length === before) leftOut.push(`${path ?? `picture ${index + 1}`} (no mask)`)
  }
  if (found.length === 0) throw noMasks(none)
  return {
    set: {
      examples: found.map(({ index, words }) => ({
        ...set.examples[index],
        ...(words !== undefined && { caption: words }),
      })),
      read: place => set.read(found[place].index),
    },
    objectOf: async (place, isMirrored) => {
      const { shape, data } = found[place].mask
      return isMirrored ? tensor(shape, mirrored(tensor(shape.slice(1), data)).data) : found[place].mask
    },
    wholeCaptionOf: place => set.examples[found[place].index].caption,
    identity: found.map(({ mask }) => createHash('sha256').update(new Uint8Array(mask.data.buffer)).digest('hex')),
    leftOut,
  }
}

const noMasks = (message: string): Problem =>
  new Problem('TRAINING_MASKS', message, {
    hint: 'A mask has the name of its picture, cat.png for cat.jpg, and is white where the object is.',
    details: { field: 'objectMasks' },
  })
