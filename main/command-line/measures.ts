import { readFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { ClipNetwork } from '../../app/metrics/clip-network.ts'
import { clipScores } from '../../app/metrics/clip-score.ts'
import { openFeatureNetwork } from '../../app/metrics/feature-network.ts'
import { frechetDistance } from '../../app/metrics/frechet-distance.ts'
import { InceptionNetwork } from '../../app/metrics/inception-network.ts'
import { inceptionScore } from '../../app/metrics/inception-score.ts'
import { kernelDistance } from '../../app/metrics/kernel-distance.ts'
import { networkRuntime } from '../../app/metrics/network-runtime.ts'
import { psnr } from '../../app/metrics/psnr.ts'
import { ssim } from '../../app/metrics/ssim.ts'
import { Problem } from '../../app/problem.ts'
import type { RgbImage } from '../../app/tensor/images.ts'
import type { Tensor } from '../../app/tensor/tensor.ts'
import { fileProblem } from '../../app/weights/safe-file.ts'
import type { MeasuredPictures } from './measured-pictures.ts'

/** What a person chose beside the folders. */
export interface MeasureWords {
  /** Path of the feature network. */
  readonly network: string
  readonly splits: number
  /** Path of a file with a text for each class. */
  readonly classes?: string
  readonly prompt?: string
}

/** A figure, and what it was measured with. */
export interface Figure {
  readonly value: number
  readonly deviation?: number
  /** The feature network; absent: pixels were compared. */
  readonly network?: string
  /** Of each folder. */
  readonly pictures: readonly number[]
  readonly texts?: string
}

/** A way to measure: how many folders it takes, and how its figure comes about. */
interface Measure {
  readonly title: string
  readonly takes: 1 | 2
  readonly measure: (pictures: MeasuredPictures, places: readonly string[], words: MeasureWords) => Promise<Figure>
}

const distance =
  (compare: (a: Tensor, b: Tensor) => number): Measure['measure'] =>
  async (pictures, [first, second], { network: path }) => {
    const network = openFeatureNetwork(path, networkRuntime())
    const view = async (place: string) =>
      (await pictures.rows(await pictures.paths(place), images => network.features(images))).rows
    const [a, b] = [await view(first), await view(second)]
    return { value: compare(a, b), network: network.label, pictures: [a.shape[0], b.shape[0]] }
  }

const scoreOfClasses: Measure['measure'] = async (pictures, [place], words) => {
  const network = openFeatureNetwork(words.network, networkRuntime())
  const classes = words.classes === undefined ? undefined : linesOf(words.classes)
  const sharesOf = (images: readonly RgbImage[]) => {
    if (network instanceof InceptionNetwork) return network.classes(images)
    if (classes !== undefined) return network.classes(images, classes)
    throw new Problem('METRIC_CLASSES', 'A CLIP model has no classes of its own.', {
      hint: 'Name a file of them with --classes, or an InceptionV3 with --network.',
    })
  }
  const { rows } = await pictures.rows(await pictures.paths(place), sharesOf)
  const { mean, deviation } = inceptionScore(rows, words.splits)
  const texts = network instanceof InceptionNetwork ? {} : { texts: `${rows.shape[1]} classes as texts` }
  return { value: mean, deviation, network: network.label, pictures: [rows.shape[0]], ...texts }
}

function linesOf(file: string): string[] {
  try {
    const lines = readFileSync(file, 'utf8').split(/\r?\n/)
    return lines.map(line => line.trim()).filter(line => line !== '')
  } catch (error) {
    throw fileProblem(error, file)
  }
}

/** Pictures in pairs: two files, or those with the same names in two folders. */
const ofPairs =
  (compare: (a: RgbImage, b: RgbImage) => number): Measure['measure'] =>
  async (pictures, [first, second]) => {
    const [ours, theirs] = [await pictures.paths(first), await pictures.paths(second)]
    const values: number[] = []
    for (const [a, b] of pairs(ours, theirs)) {
      const [x, y] = [await pictures.read(a), await pictures.read(b)]
      if (x && y) values.push(compare(x, y))
    }
    if (values.length === 0) {
      throw new Problem('METRIC_PAIRS', `No picture in ${first} has one of the same name in ${second}.`, {
        hint: 'Name the pictures alike, whatever their formats are.',
      })
    }
    const value = values.reduce((sum, each) => sum + each, 0) / values.length
    return { value, pictures: [values.length, values.length] }
  }

function pairs(ours: readonly string[], theirs: readonly string[]): (readonly [string, string])[] {
  if (ours.length === 1 && theirs.length === 1) return [[ours[0], theirs[0]]]
  const nameOf = (path: string) => basename(path, extname(path))
  const byName = new Map(theirs.map(path => [nameOf(path), path]))
  return ours.flatMap(path => {
    const other = byName.get(nameOf(path))
    return other === undefined ? [] : [[path, other] as const]
  })
}

/** By pixels: sizes must be the same, else one of the pictures would have to be resized first. */
const sameSize = (a: RgbImage, b: RgbImage): readonly [RgbImage, RgbImage] => {
  if (a.width === b.width && a.height === b.height) return [a, b]
  throw new Problem(
    'METRIC_SIZES',
    `Pictures of ${a.width} x ${a.height} and ${b.width} x ${b.height} pixels cannot be compared pixel by pixel.`,
    { hint: 'Bring them to one size first.' },
  )
}

const clipScoreOf: Measure['measure'] = async (pictures, [place], { network: path, prompt }) => {
  const network = openFeatureNetwork(path, networkRuntime())
  if (!(network instanceof ClipNetwork)) {
    throw new Problem('METRIC_TEXTS', `${network.label} reads no texts.`, { hint: 'Choose a CLIP model.' })
  }
  const found: { readonly path: string; readonly text: string }[] = []
  for (const each of await pictures.paths(place)) {
    const text = prompt ?? (await pictures.words(each))
    if (text) found.push({ path: each, text })
  }
  if (found.length === 0) {
    throw new Problem('METRIC_TEXTS', `No picture in ${place} has words beside it or in it.`, {
      hint: 'Put a text file of the same name beside each, or name one text for all with --prompt.',
    })
  }
  const { rows, read } = await pictures.rows(
    found.map(each => each.path),
    images => network.features(images),
  )
  const words = new Map(found.map(each => [each.path, each.text]))
  const texts = await network.texts(read.map(each => words.get(each) ?? ''))
  const scores = clipScores(rows, texts)
  const value = scores.reduce((sum, score) => sum + score, 0) / scores.length
  const source = prompt === undefined ? 'each with its own text' : 'one text for all'
  return { value, network: network.label, pictures: [read.length], texts: source }
}

/** By the names of the commands. */
export const measures: Readonly<Partial<Record<string, Measure>>> = {
  fid: { title: 'Fréchet distance', takes: 2, measure: distance(frechetDistance) },
  kid: { title: 'Kernel distance', takes: 2, measure: distance(kernelDistance) },
  is: { title: 'Inception Score', takes: 1, measure: scoreOfClasses },
  psnr: {
    title: 'PSNR in decibels',
    takes: 2,
    measure: ofPairs((a, b) => {
      const [x, y] = sameSize(a, b)
      return psnr(x.data, y.data)
    }),
  },
  ssim: { title: 'Structural similarity', takes: 2, measure: ofPairs((a, b) => ssim(a, b).mean) },
  'clip-score': { title: 'CLIP score', takes: 1, measure: clipScoreOf },
}
