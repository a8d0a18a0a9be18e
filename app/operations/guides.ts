import { z } from 'zod'
import type { GuideTerm, NoisyTerm, PictureGuide } from '../diffusion/picture-guide.ts'
import { constant, type Value } from '../graph/graph.ts'
import {
  add,
  asin,
  divide,
  matMul,
  mean,
  multiply,
  reduceSum,
  reshape,
  slice,
  sqrt,
  subtract,
  sum,
} from '../graph/ops/index.ts'
import { ClipNetwork } from '../metrics/clip-network.ts'
import { openFeatureNetwork } from '../metrics/feature-network.ts'
import { Problem } from '../problem.ts'
import { ClassifierModel } from '../runtime/classifier-model.ts'
import type { Guidable } from '../runtime/guidable.ts'
import { schedulers } from '../schedulers/index.ts'
import { cosineTable, nearestTimestep } from '../schedulers/noise-table.ts'
import { flowOrPredictionType, type Prediction } from '../schedulers/prediction.ts'
import type { SchedulerConfig } from '../schedulers/scheduler.ts'
import { cutOuts } from '../tensor/cut-outs.ts'
import { fitImage, toGray } from '../tensor/fit.ts'
import { fromImages } from '../tensor/images.ts'
import { type Box, type GrayImage, maskedBox } from '../tensor/masks.ts'
import { resample } from '../tensor/resample.ts'
import { type Shape, type Tensor, tensor } from '../tensor/tensor.ts'
import { type classifierParameters, guideParameters } from './guide-parameters.ts'
import type { Complete, GivenPictures } from './operation.ts'
import { refuseNever } from './part-of-steps.ts'

const schema = z.object(guideParameters)
/** What a person chose to be pulled towards. */
export type ChosenGuides = Omit<Complete<z.output<typeof schema>>, 'guideThrough'> &
  Partial<Complete<z.output<z.ZodObject<typeof classifierParameters>>>>

/** What a guide is opened for. */
export interface Guided {
  /** Of the pictures, in pixels. */
  readonly width: number
  readonly height: number
  /** Of a sample: [1, channels, height, width]. */
  readonly sample: Shape
  /** Brings a mask of the whole picture to what is drawn of it; by default it is stretched to that size. */
  readonly part?: (mask: GrayImage) => GrayImage
}

/** A guide that is chosen, or undefined where nothing is.
 *  @throws Problem PICTURE_*, FILE_*, GUIDE_WORDS, GUIDE_MASK, METRIC_NETWORK, METRIC_TEXTS, CLASSIFIER_*, CLASS_UNKNOWN, STEPS_NONE */
export async function openGuide(
  model: Guidable,
  pictures: GivenPictures,
  chosen: ChosenGuides,
  size: Guided,
): Promise<PictureGuide | undefined> {
  const mask = await openMask(pictures, chosen.guideMask, size)
  const terms: GuideTerm[] = []
  if (chosen.guideColour !== '') terms.push(colourTerm(chosen.guideColour, chosen.colourStrength))
  let opened: ClipNetwork | undefined
  const clip = () => {
    opened ??= openClip(chosen.guideModel, model)
    return opened
  }
  const looks = { size, cuts: chosen.guideCuts, within: mask?.box }
  if (chosen.guideWords.trim() !== '') {
    const words = parseWeighted(chosen.guideWords)
    const embeds = await clip().texts(words.map(({ text }) => text))
    terms.push(
      clipTerm(
        clip(),
        'words',
        embeds,
        words.map(({ weight }) => weight),
        chosen.wordsStrength,
        looks,
      ),
    )
  }
  if (chosen.guidePicture !== '') {
    const picture = await pictures.read(chosen.guidePicture, '#ffffff')
    if (chosen.pictureLikeness === 'colours') {
      terms.push(pictureTerm(fromImages([fitImage(picture, size, 'crop')], 'unit'), chosen.pictureStrength))
    } else {
      const embeds = await clip().features([picture])
      terms.push(clipTerm(clip(), 'picture', embeds, [1], chosen.pictureStrength, looks))
    }
  }
  const acting = terms.filter(({ strength }) => strength !== 0)
  const noisy = classifierTerm(model, chosen)
  if (acting.length === 0 && noisy === undefined) return undefined
  refuseNever({ start: chosen.guideStart, end: chosen.guideEnd }, 'guideStart')
  const where = mask && { mask: mask.places }
  return { model, terms: acting, ...(noisy && { noisy }), ...where, strengthAt: courseOf(chosen) }
}

/** Where guides act: for each number of a sample, and the least box in pixels that holds all of it; undefined: everywhere.
 *  @throws Problem GUIDE_MASK where that is nowhere */
async function openMask(pictures: GivenPictures, path: string, { width, height, sample, part }: Guided) {
  if (path === '') return undefined
  const whole = toGray(await pictures.read(path, '#000000'))
  const marks = part?.(whole) ?? fitImage(whole, { width, height }, 'stretch', 'bilinear')
  const box = maskedBox(marks)
  if (box === undefined) {
    throw new Problem('GUIDE_MASK', 'Where the pulls should act, the picture is black: nothing would be pulled.', {
      hint: 'Paint white where they shall act, or leave that picture away.',
      details: { field: 'guideMask' },
    })
  }
  const places = resample(marks, { width: sample[3], height: sample[2] }, 'bilinear')
  return { places: fromImages([places], 'unit'), box }
}

/** A classifier and the class that it shall see; undefined: none. @throws Problem CLASSIFIER_*, CLASS_UNKNOWN */
function classifierTerm(
  { runtime }: Guidable,
  { guideClassifier = '', guideClass = '', classStrength = 1 }: ChosenGuides,
): NoisyTerm | undefined {
  if (guideClassifier === '' || classStrength === 0) return undefined
  const classifier = new ClassifierModel(runtime, guideClassifier)
  const label = classifier.classNamed(guideClass)
  return {
    strength: classStrength,
    loss: (training, sample) =>
      multiply(sum(slice(classifier.written(training, sample, CLASSIFIER), 1, label, label + 1)), -1),
    feeds: level => ({
      [`${CLASSIFIER}timestep`]: tensor([1], Float32Array.of(nearestTimestep(cosineTable(), level))),
    }),
  }
}

const CLASSIFIER = 'classifier/'

/** A factor for each share of the run. */
const courseOf =
  ({ guideCourse: course, guideStart: start, guideEnd: end }: ChosenGuides) =>
  (share: number): number => {
    if (share < start || share > end) return 0
    return { even: 1, falling: 1 - share, rising: share }[course]
  }

/** Texts with weights: `a cat : 2 | a dog : -1`; a weight that is not said is 1. @throws Problem GUIDE_WORDS where they cancel out */
export function parseWeighted(words: string): { readonly text: string; readonly weight: number }[] {
  const found = words
    .split('|')
    .map(part => /^\s*(.*?)\s*(?::\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*)?$/s.exec(part))
    .flatMap(match => (match?.[1] ? [{ text: match[1], weight: Number(match[2] ?? 1) }] : []))
  const total = found.reduce((sum, { weight }) => sum + weight, 0)
  if (Math.abs(total) < 1e-3) {
    throw new Problem('GUIDE_WORDS', `The weights of the words for CLIP come to nothing together: ${words}`, {
      hint: 'Change a weight, as in: a cat : 2 | a dog : -1.',
      details: { field: 'guideWords' },
    })
  }
  return found
}

/** Mean distance over places and channels: black from white counts 1. */
const colourTerm = (colour: string, strength: number): GuideTerm => ({
  strength,
  loss: ({ graph }, picture) => {
    const target = [1, 3, 5].map(at => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    const gap = subtract(picture, constant(graph, 'float32', [1, 3, 1, 1], target))
    return mean(distance(gap))
  },
})

/** |x|, with a slope at 0. */
const distance = (gap: Value): Value => sqrt(add(multiply(gap, gap), 1e-8))

/** Squares of differences, place by place. */
const pictureTerm = (target: Tensor, strength: number): GuideTerm => ({
  strength,
  loss: (training, picture) => {
    const gap = subtract(picture, training.input('guide/picture', 'float32', target.shape))
    return multiply(mean(multiply(gap, gap)), 4)
  },
  feeds: () => ({ 'guide/picture': target }),
})

interface Looks {
  readonly size: { readonly width: number; readonly height: number }
  readonly cuts: number
  /** Where CLIP looks; absent: anywhere. */
  readonly within?: Box | undefined
}

/** Squares of great-circle distances between cut-outs of the picture and texts (Crowson et al. 2022, arXiv:2204.08583, section 3.1).
 *  @param embeds [targets, width], of any length */
function clipTerm(
  clip: ClipNetwork,
  name: string,
  embeds: Tensor,
  weights: readonly number[],
  strength: number,
  { size, cuts, within }: Looks,
): GuideTerm {
  const total = Math.abs(weights.reduce((sum, weight) => sum + weight, 0))
  const { side } = clip
  const [targets, width] = embeds.shape
  const input = (what: string) => `guide/${name}/${what}`
  return {
    strength,
    loss: (training, picture) => {
      const rows = training.input(input('rows'), 'float32', [cuts, 1, side, size.height])
      const columns = training.input(input('columns'), 'float32', [cuts, 1, size.width, side])
      const cut = matMul(matMul(rows, picture), columns)
      const seen = clip.written(training, cut, input(''))
      const texts = unitLength(training.input(input('targets'), 'float32', [targets, width]))
      const gap = subtract(reshape(seen, [cuts, 1, width]), reshape(texts, [1, targets, width]))
      // Half of the chord; 1 would be the other side of the sphere.
      const half = multiply(sqrt(add(reduceSum(multiply(gap, gap), [2]), 1e-12)), 0.5)
      const angle = asin(half)
      const perTarget = multiply(multiply(angle, angle), 2)
      const weight = constant(
        training.graph,
        'float32',
        [1, targets, 1],
        weights.map(each => each / total),
      )
      return divide(sum(multiply(perTarget, weight)), cuts)
    },
    feeds: chance => {
      const { rows, columns } = cutOuts(chance, size, side, cuts, within)
      return { [input('rows')]: rows, [input('columns')]: columns, [input('targets')]: embeds }
    },
  }
}

/** Rows divided by their length. */
const unitLength = (x: Value): Value => divide(x, sqrt(reduceSum(multiply(x, x), [1])))

/** @throws Problem METRIC_NETWORK */
function openClip(path: string, { runtime }: Guidable): ClipNetwork {
  const network = path === '' ? undefined : openFeatureNetwork(path, runtime)
  if (network instanceof ClipNetwork) return network
  throw new Problem(
    'METRIC_NETWORK',
    path === '' ? 'There is no CLIP model to guide with.' : `${path} is no CLIP model.`,
    {
      hint: 'Name the folder of a CLIP model of transformers as the CLIP model of the guidance.',
      details: { field: 'guideModel' },
    },
  )
}

/** What a model's network answers. @throws Problem GUIDE_SAMPLER where a sampler asks it in another way */
export function predictionOf(config: SchedulerConfig, sampler: string): Prediction {
  const { serves, title } = schedulers[sampler]
  const said = flowOrPredictionType.parse(config.prediction_type ?? undefined)
  if (serves === 'flow') return 'flow_prediction'
  if (serves === 'diffusion') return said
  throw new Problem('GUIDE_SAMPLER', `Pictures cannot be pulled anywhere under the sampler "${title}".`, {
    hint: 'Choose DDIM or another sampler for diffusion.',
    details: { field: 'sampler' },
  })
}
