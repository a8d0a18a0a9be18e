import { Problem } from '../problem.ts'
import type { OnnxFile, OnnxValue } from './onnx-file.ts'

/** Networks that find what lies under a point of a picture, told by what they take and give. Three kinds are about: the two halves of a
 *  promptable network (Segment Anything and its relatives: MobileSAM, EfficientSAM's and SAM 2's exports), which read a picture once and then
 *  answer clicks, and plain networks that give a mask, or a mask for each kind of thing, of a whole picture. */
export type Segmenter = PictureEncoder | MaskDecoder | MaskNetwork

/** Files of a network that answers clicks: two halves, or one that works alone. */
export type SegmenterFiles = { readonly encoder: string; readonly decoder: string } | { readonly network: string }

/** How a network takes pictures. */
export interface PictureInput {
  readonly name: string
  readonly type: 'float32' | 'uint8'
  /** Order of the sides: `nchw` with a batch and the channels first, `hwc` without a batch and the channels last. */
  readonly layout: 'nchw' | 'nhwc' | 'hwc'
  /** Pixels; undefined where it takes any. */
  readonly width: number | undefined
  readonly height: number | undefined
}

/** Reads a picture, once for all clicks. */
export interface PictureEncoder {
  readonly part: 'picture encoder'
  readonly path: string
  readonly picture: PictureInput
  /** What it gives the decoder. */
  readonly features: readonly OnnxValue[]
  /** Pictures are stretched to its sides; else they keep their proportion and are filled up at the right and below. */
  readonly stretches: boolean
}

/** Answers clicks from what the encoder gives. */
export interface MaskDecoder {
  readonly part: 'mask decoder'
  readonly path: string
  readonly points: OnnxValue
  readonly labels: OnnxValue
  /** What it takes of an earlier answer, which it is never given; absent where it does not. */
  readonly earlierMask: OnnxValue | undefined
  readonly hasEarlierMask: OnnxValue | undefined
  /** How large the masks shall be (height, width); absent where they have a size of their own. */
  readonly maskSize: OnnxValue | undefined
  readonly features: readonly OnnxValue[]
  readonly masks: string
  /** How good it holds each mask for; absent where it does not tell. */
  readonly scores: string | undefined
}

/** Gives a mask of a whole picture, or one for each kind of thing. */
export interface MaskNetwork {
  readonly part: 'mask network'
  readonly path: string
  readonly picture: PictureInput
  readonly masks: string
}

/** What a network is, by names and shapes; the name of its file plays no part.
 *  @throws Problem SEGMENTER_KIND for one that finds nothing in pictures; SEGMENTER_TYPE for numbers that cannot be fed */
export function segmenterOf(file: OnnxFile): Segmenter {
  const decoder = decoderOf(file)
  if (decoder !== undefined) return typed(file, [decoder.points, decoder.labels, ...decoder.features], decoder)
  const [only, ...rest] = file.inputs
  const picture = only !== undefined && rest.length === 0 ? pictureOf(only) : undefined
  if (picture === undefined) throw noSegmenter(file)
  const taken = { ...picture, type: only.type === 'uint8' ? 'uint8' : 'float32' } as const
  const features = file.outputs.filter(output => isFeatures(output, taken))
  if (features.length > 0) {
    const stretches = features.length > 1 && features.some(({ name }) => /high_res/.test(name))
    return typed(file, [only], { part: 'picture encoder', path: file.path, picture: taken, features, stretches })
  }
  const masks = file.outputs.find(({ shape }) => shape.length === 4 || shape.length === 3)
  if (masks === undefined) throw noSegmenter(file)
  return typed(file, [only], { part: 'mask network', path: file.path, picture: taken, masks: masks.name })
}

/** Whether what an encoder gives is what a decoder takes: by name, else by shape. */
export const fits = (encoder: PictureEncoder, decoder: MaskDecoder): boolean =>
  decoder.features.every(wanted => featureFor(wanted, encoder) !== undefined)

/** What of an encoder a decoder's input takes. */
export function featureFor(wanted: OnnxValue, { features }: PictureEncoder): OnnxValue | undefined {
  const named = features.find(({ name, shape }) => name === wanted.name && agree(shape, wanted.shape))
  if (named !== undefined) return named
  const alike = features.filter(({ shape }) => agree(shape, wanted.shape))
  return alike.length === 1 ? alike[0] : undefined
}

type Shape = OnnxValue['shape']
const agree = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((side, k) => side === undefined || b[k] === undefined || side === b[k])

function decoderOf({ path, inputs, outputs }: OnnxFile): MaskDecoder | undefined {
  const input = (pattern: RegExp) => inputs.find(({ name }) => pattern.test(name))
  const [points, labels] = [input(/^(?:point_coords|input_points)$/), input(/^(?:point_labels|input_labels)$/)]
  const masks =
    outputs.find(({ name }) => /^(?:masks|pred_masks)$/.test(name)) ?? outputs.find(({ name }) => /mask/.test(name))
  if (points === undefined || labels === undefined || masks === undefined) return undefined
  const [earlierMask, hasEarlierMask, maskSize] = [
    input(/^mask_input$/),
    input(/^has_mask_input$/),
    input(/^orig_im_size$/),
  ]
  const prompts = [points, labels, earlierMask, hasEarlierMask, maskSize]
  return {
    ...{ part: 'mask decoder', path, points, labels, earlierMask, hasEarlierMask, maskSize, masks: masks.name },
    features: inputs.filter(each => !prompts.includes(each)),
    scores: outputs.find(({ name }) => /iou/.test(name))?.name,
  }
}

/** Colours of a pixel. */
const CHANNELS = 3

/** How an input takes pictures; undefined where it takes none. */
export function pictureOf({ name, shape }: OnnxValue): Omit<PictureInput, 'type'> | undefined {
  const [a, b, c, d] = shape
  const isAny = shape.every(side => side === undefined)
  if (shape.length === 4 && (b === CHANNELS || isAny)) return { name, layout: 'nchw', height: c, width: d }
  if (shape.length === 4 && d === CHANNELS) return { name, layout: 'nhwc', height: b, width: c }
  if (shape.length === 3 && c === CHANNELS) return { name, layout: 'hwc', height: a, width: b }
  return undefined
}

/** Features are many values for few places; masks are few for many. */
function isFeatures({ name, shape }: OnnxValue, { height }: PictureInput): boolean {
  if (/embed|feat/i.test(name)) return true
  const [, channels = 0, rows] = shape
  return shape.length === 4 && channels >= 32 && rows !== undefined && height !== undefined && rows * 8 <= height
}

const numbers = ['float32', 'uint8', 'int32', 'int64']

function typed<Network>(file: OnnxFile, values: readonly OnnxValue[], network: Network): Network {
  const wrong = values.find(({ type }) => !numbers.includes(type))
  if (wrong === undefined) return network
  throw new Problem(
    'SEGMENTER_TYPE',
    `${file.path} takes "${wrong.name}" as ${wrong.type}, which cannot be given here.`,
    {
      hint: 'Bring the file of the same network in single precision, or the quantized one.',
    },
  )
}

const said = (values: readonly OnnxValue[]): string =>
  values.length === 0
    ? 'nothing'
    : values
        .slice(0, 8)
        .map(({ name, shape }) => `${name} [${shape.map(side => side ?? '?')}]`)
        .join(', ')

function noSegmenter({ path, inputs, outputs }: OnnxFile): Problem {
  const draws = inputs.some(({ name }) => /^(?:timestep|encoder_hidden_states|latent_sample|input_ids)$/.test(name))
  const hint = draws
    ? 'It is a part of a model that draws; bring that model as .safetensors, which Sfumato reads itself.'
    : 'Bring the picture encoder and the mask decoder of Segment Anything or a relative, as its export tools write them, or a network that takes one picture and gives a mask.'
  return new Problem(
    'SEGMENTER_KIND',
    `${path} finds no objects in pictures: it takes ${said(inputs)} and gives ${said(outputs)}.`,
    { hint },
  )
}
