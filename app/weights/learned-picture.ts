import { z } from 'zod'
import { Problem } from '../problem.ts'
import type { Shape, Tensor } from '../tensor/tensor.ts'
import { tensor } from '../tensor/tensor.ts'
import {
  openSafetensors,
  readTensor,
  type SafetensorsFile,
  type TensorToWrite,
  writeSafetensors,
} from './safetensors.ts'

const about = z.object({
  /** How it was learned. */
  method: z.enum(['imagic', 'unitune']),
  /** Imagic: the words that the picture goes towards; UniTune: the rare words that stand for it. */
  words: z.string(),
  /** The model that learned it, by the hash of its weights; '' where that is not known. */
  model: z.string(),
  /** The picture, by the hash of its file. */
  picture: z.string(),
  width: z.int().min(1),
  height: z.int().min(1),
  /** Of low-rank factors: alpha / rank. Absent: weights themselves were learned. */
  scale: z.number().optional(),
})

/** What a file of a learned picture says of itself. */
export type AboutLearnedPicture = z.output<typeof about>

/** A single picture that a model learned (Imagic, UniTune): what the network is told that draws it, and what of the network changed. */
export interface LearnedPicture extends AboutLearnedPicture {
  /** What the network is fed that draws the picture, by the name of its input, a batch of 1 each; UniTune has none: its words say it. */
  readonly optimised: Readonly<Record<string, Tensor>>
  /** Of the UNet: `LAYER.lora_A.weight` and `LAYER.lora_B.weight`, or weights by their state-dict keys. */
  readonly parameters: ReadonlyMap<string, Float32Array>
  readonly shapes: ReadonlyMap<string, Shape>
}

const KEY = 'learned_picture'
const OPTIMISED = 'optimised/'
const UNET = 'unet/'

/** Whether a file holds a learned picture. */
export const isLearnedPicture = ({ metadata }: Pick<SafetensorsFile, 'metadata'>): boolean =>
  metadata[KEY] !== undefined

/** @param metadata what else the file says of itself  @throws Problem FILE_*, DISK_FULL */
export function writeLearnedPicture(
  path: string,
  { optimised, parameters, shapes, ...said }: LearnedPicture,
  metadata: Readonly<Record<string, string>>,
): void {
  const tensors: [string, TensorToWrite][] = [
    ...Object.entries(optimised).map(([name, { shape, data }]): [string, TensorToWrite] => [
      OPTIMISED + name,
      { dtype: 'F32', shape, data },
    ]),
    ...[...parameters].map(([name, data]): [string, TensorToWrite] => [
      UNET + name,
      { dtype: 'F32', shape: shapes.get(name) ?? [data.length], data },
    ]),
  ]
  writeSafetensors(path, tensors, { ...metadata, [KEY]: JSON.stringify(said) })
}

/** What it says of itself. @throws Problem LEARNED_PICTURE where it is none */
export function aboutLearnedPicture({
  path,
  metadata,
}: Pick<SafetensorsFile, 'path' | 'metadata'>): AboutLearnedPicture {
  try {
    return about.parse(JSON.parse(metadata[KEY]))
  } catch (cause) {
    throw new Problem('LEARNED_PICTURE', `${path} is no picture that a model learned.`, {
      hint: 'Choose the file that such a training wrote.',
      cause,
    })
  }
}

/** @throws Problem LEARNED_PICTURE where it is none, SAFETENSORS_*, FILE_* */
export function openLearnedPicture(path: string): LearnedPicture {
  const file = openSafetensors(path)
  const said = aboutLearnedPicture(file)
  const beginning = (start: string) =>
    [...file.tensors.values()].flatMap(({ name, shape }) =>
      name.startsWith(start) ? [{ name: name.slice(start.length), shape, values: readTensor(file, name) }] : [],
    )
  const learned = beginning(UNET)
  return {
    ...said,
    optimised: Object.fromEntries(beginning(OPTIMISED).map(({ name, shape, values }) => [name, tensor(shape, values)])),
    parameters: new Map(learned.map(({ name, values }) => [name, values])),
    shapes: new Map(learned.map(({ name, shape }) => [name, shape])),
  }
}
