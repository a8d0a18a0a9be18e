import { createHash } from 'node:crypto'
import { parse } from 'node:path'
import { deflateSync, inflateSync } from 'node:zlib'
import { Problem } from '../problem.ts'
import { fitImage, toGray } from '../tensor/fit.ts'
import { fromImages, type RgbImage, toImages } from '../tensor/images.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import type { TrainingExample, TrainingSet } from './data.ts'
import { holdBack } from './held-back.ts'
import { mirrored } from './latents.ts'
import { pictureFiles, type ReadPicture } from './picture-folder.ts'
import type { TrainedControl } from './trained-control.ts'

/** What a ControlNet learns from: pictures, and what each is to be drawn from. */
export interface ControlledSet {
  readonly set: TrainingSet
  /** As `TrainedControl` wants it, before it knows how many channels. */
  readonly pictureOf: (index: number) => Promise<RgbImage>
  /** What tells the control pictures from others, for the identity of a run. */
  readonly identity: unknown
  /** What was left out, in words: pictures without a control picture, control pictures that cannot be read. */
  readonly leftOut: readonly string[]
}

/** The same where each picture has a file beside it. */
export interface PairedSet extends ControlledSet {
  /** What tells the content of each of those files from others, in the order of the examples. */
  readonly identity: readonly string[]
}

/** What files beside pictures are, in words, and what is said where there are none. */
export interface PairWords {
  readonly lacking: string
  readonly none: (folder: string) => Problem
}

/** Sets some pairs aside, which are never learned from: `holdBack`. */
export function holdPairsBack(
  whole: ControlledSet,
  share: number,
  seed: bigint,
): { readonly learned: ControlledSet; readonly heldBack: ControlledSet } {
  const places = new Map(whole.set.examples.map((example, index) => [example, index]))
  const part = (set: TrainingSet): ControlledSet => ({
    ...{ ...whole, set },
    pictureOf: index => whole.pictureOf(places.get(set.examples[index]) ?? index),
  })
  const { learned, heldBack } = holdBack(whole.set, share, seed)
  return { learned: part(learned), heldBack: part(heldBack) }
}

/** What is made of each picture as its control picture. @param identity what tells it from others */
export function madeOf(set: TrainingSet, make: (picture: RgbImage) => RgbImage, identity: unknown): ControlledSet {
  return { set, pictureOf: async index => make(await imageOf(set, index)), identity, leftOut: [] }
}

/** The same where a network finds it: each is looked at once, before the first step, and what was found is kept packed, since it is mostly black.
 *  Pictures in which nothing is found are left out.
 *  @param find given the picture and its name, for messages  @throws Problem TRAINING_CONTROL_PICTURES where nothing is found in any; the signal's reason */
export async function foundIn(
  set: TrainingSet,
  find: (picture: RgbImage, name: string) => Promise<RgbImage>,
  identity: unknown,
  signal: AbortSignal,
): Promise<ControlledSet> {
  const found: { readonly index: number; readonly packed: Uint8Array }[] = []
  const leftOut: string[] = []
  for (const [index, { path }] of set.examples.entries()) {
    signal.throwIfAborted()
    try {
      const { data } = await find(await imageOf(set, index), path ?? `picture ${index + 1}`)
      found.push({ index, packed: deflateSync(data) })
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'POSE_NONE') throw error
      leftOut.push(error.message.replace(/\.$/, ''))
    }
  }
  if (found.length === 0) {
    throw new Problem('TRAINING_CONTROL_PICTURES', 'Nothing was found in any of the pictures.', {
      hint: 'Choose another way to find control pictures, or give a folder of them.',
      details: { field: 'prepare' },
    })
  }
  return {
    set: { examples: found.map(({ index }) => set.examples[index]), read: place => set.read(found[place].index) },
    pictureOf: async place => {
      const { index, packed } = found[place]
      return { ...set.examples[index].size, data: new Uint8Array(inflateSync(packed)) }
    },
    ...{ identity, leftOut },
  }
}

async function imageOf(set: TrainingSet, index: number): Promise<RgbImage> {
  const { shape, data } = await set.read(index)
  const [picture] = toImages(tensor([1, ...shape], data))
  return picture
}

/** The picture of the same name in a folder beside each picture, as its control picture say: `cat.png` for `cat.jpg`. It is cropped and scaled as its picture
 *  was, whatever its own size. All are looked at once, so that what cannot be read is known before the first step.
 *  @throws Problem `words.none` where no picture has one; FILE_* */
export async function pairedWith(
  set: TrainingSet,
  folder: string,
  read: ReadPicture,
  words: PairWords = controlPairs,
): Promise<PairedSet> {
  const files = new Map(pictureFiles(folder).map(path => [parse(path).name, path]))
  const paired: { readonly index: number; readonly path: string; readonly hash: string }[] = []
  const leftOut: string[] = []
  for (const [index, example] of set.examples.entries()) {
    const path = files.get(nameOf(example))
    if (path === undefined) {
      leftOut.push(`${example.path ?? `picture ${index + 1}`} (${words.lacking})`)
      continue
    }
    try {
      const { data } = await fitted(read, path, example)
      paired.push({ index, path, hash: createHash('sha256').update(data).digest('hex') })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      leftOut.push(path)
    }
  }
  if (paired.length === 0) throw words.none(folder)
  return {
    set: {
      examples: paired.map(({ index }) => set.examples[index]),
      read: place => set.read(paired[place].index),
    },
    pictureOf: place => fitted(read, paired[place].path, set.examples[paired[place].index]),
    identity: paired.map(({ hash }) => hash),
    leftOut,
  }
}

const nameOf = ({ path }: TrainingExample): string => (path === undefined ? '' : parse(path).name)

const fitted = async (read: ReadPicture, path: string, { size }: TrainingExample): Promise<RgbImage> =>
  fitImage(await read(path), size, 'crop')

const controlPairs: PairWords = {
  lacking: 'no control picture',
  none: folder =>
    new Problem(
      'TRAINING_CONTROL_PICTURES',
      `${folder} holds no control picture that can be read for any of the pictures.`,
      {
        hint: 'A control picture has the name of its picture: cat.png in both folders.',
      },
    ),
}

/** A control picture as a network takes it: [1, channels, height, width] in [0, 1]. @param channels 3, or 1 for its brightness */
export const controlTensor = (picture: RgbImage, channels: number): Tensor =>
  fromImages([channels === 1 ? toGray(picture) : picture], 'unit')

/** The control pictures of a set for a network. */
export const controlPictures =
  ({ pictureOf }: ControlledSet, channels: number): TrainedControl['picture'] =>
  async (index, isMirrored) => {
    const { shape, data } = controlTensor(await pictureOf(index), channels)
    const picture = tensor(shape.slice(1), data)
    const shown = isMirrored ? mirrored(picture) : picture
    return tensor(shape, shown.data)
  }
