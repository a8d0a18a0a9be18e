import { dirname } from 'node:path'
import { Problem } from '../app/problem.ts'
import { openOnnx } from '../app/weights/onnx-file.ts'
import { fits, type Segmenter, type SegmenterFiles, segmenterOf } from '../app/weights/segmenter.ts'
import { fingerprintOf } from './model-files.ts'

/** What a list says of a network that finds objects. */
export interface SegmenterInfo {
  /** The half of a pair that it is; absent where it works alone. */
  readonly half?: 'picture encoder' | 'mask decoder'
  /** What keeps it from being used. */
  readonly problem?: string
}

/** Networks of the library that find objects in pictures: what each is, and which halves belong together. */
export class Segmenters {
  readonly #known = new Map<string, { readonly fingerprint: string; readonly network: Segmenter | Problem }>()

  /** @param others paths of all networks of this kind */
  describe(path: string, others: readonly string[]): SegmenterInfo {
    const network = this.#look(path)
    if (network instanceof Problem) return { problem: network.sentence }
    if (network.part === 'mask network') return {}
    const { part: half } = network
    if (this.#partner(network, others) !== undefined) return { half }
    const [is, lacks] =
      half === 'picture encoder'
        ? ['the half that reads pictures', 'the mask decoder that was exported with it']
        : ['the half that answers clicks', 'the picture encoder that was exported with it']
    return { half, problem: `This is ${is}. Bring ${lacks}, too.` }
  }

  /** @throws Problem SEGMENTER_*, ONNX_FILE, FILE_* */
  networks(path: string, others: readonly string[]): { networks: SegmenterFiles; fingerprint: string } {
    const network = this.#look(path)
    if (network instanceof Problem) throw network
    if (network.part === 'mask network') return { networks: { network: path }, fingerprint: fingerprintOf(path) }
    const partner = this.#partner(network, others)
    if (partner === undefined) {
      const { problem = '' } = this.describe(path, others)
      throw new Problem('SEGMENTER_HALF', `${path} cannot be used alone. ${problem}`, { hint: 'Add it in Models.' })
    }
    const [encoder, decoder] = network.part === 'picture encoder' ? [path, partner] : [partner, path]
    return { networks: { encoder, decoder }, fingerprint: `${fingerprintOf(encoder)} ${fingerprintOf(decoder)}` }
  }

  /** The other half: of several that fit the one in the same folder. */
  #partner(network: Segmenter, others: readonly string[]): string | undefined {
    const fitting = others.filter(path => {
      const other = this.#look(path)
      if (other instanceof Problem) return false
      if (network.part === 'picture encoder') return other.part === 'mask decoder' && fits(network, other)
      return network.part === 'mask decoder' && other.part === 'picture encoder' && fits(other, network)
    })
    return fitting.find(path => dirname(path) === dirname(network.path)) ?? fitting[0]
  }

  #look(path: string): Segmenter | Problem {
    const fingerprint = fingerprintOf(path)
    const last = this.#known.get(path)
    if (last?.fingerprint === fingerprint) return last.network
    const network = read(path)
    this.#known.set(path, { fingerprint, network })
    return network
  }
}

function read(path: string): Segmenter | Problem {
  try {
    return segmenterOf(openOnnx(path))
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}
