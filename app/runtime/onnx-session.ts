import type * as ort from 'onnxruntime-node'
import { Problem } from '../problem.ts'
import type { OnnxValue } from '../weights/onnx-file.ts'
import { loadOnnxRuntime } from './session.ts'

/** Values in the order of the last side. */
export interface Values {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** What a network of a person's own file is fed: values for an input, given as the type that it takes. */
export type Fed = readonly [input: OnnxValue, values: Values]

/** A network in an ONNX file that a person brought. It runs as it is written there. */
export class OnnxSession {
  readonly #session: ort.InferenceSession
  readonly #Tensor: typeof ort.Tensor
  readonly #path: string

  private constructor(session: ort.InferenceSession, Tensor: typeof ort.Tensor, path: string) {
    this.#session = session
    this.#Tensor = Tensor
    this.#path = path
  }

  /** @throws Problem ONNX_OPEN with ONNX Runtime's own words in the details */
  static async open(path: string, threads: number): Promise<OnnxSession> {
    const { InferenceSession, Tensor } = await loadOnnxRuntime()
    try {
      const session = await InferenceSession.create(path, {
        ...{ executionProviders: ['cpu'], intraOpNumThreads: threads, logSeverityLevel: 3 },
      })
      return new OnnxSession(session, Tensor, path)
    } catch (cause) {
      throw new Problem('ONNX_OPEN', `${path} could not be opened: ${firstSentence(cause)}`, {
        hint: 'Bring it with the files beside it that hold its weights, or export it again in another version of ONNX.',
        details: { reason: String(cause) },
        cause,
      })
    }
  }

  /** Runs it once. @returns what it gives, by name, as float32  @throws Problem ONNX_RUN with ONNX Runtime's own words */
  async run(feeds: readonly Fed[]): Promise<Readonly<Record<string, Values>>> {
    try {
      const tensors = Object.fromEntries(feeds.map(([input, values]) => [input.name, this.#tensor(input, values)]))
      const results = await this.#session.run(tensors)
      return Object.fromEntries(Object.entries(results).map(([name, result]) => [name, valuesOf(result as ort.Tensor)]))
    } catch (cause) {
      throw new Problem('ONNX_RUN', `${this.#path} stopped while computing: ${firstSentence(cause)}`, {
        hint: 'Bring another export of this network.',
        details: { reason: String(cause) },
        cause,
      })
    }
  }

  #tensor({ type }: OnnxValue, { shape, data }: Values): ort.Tensor {
    const { Tensor } = { Tensor: this.#Tensor }
    if (type === 'uint8') return new Tensor('uint8', Uint8Array.from(data, Math.round), [...shape])
    if (type === 'int32') return new Tensor('int32', Int32Array.from(data, Math.round), [...shape])
    if (type === 'int64')
      return new Tensor(
        'int64',
        BigInt64Array.from(data, value => BigInt(Math.round(value))),
        [...shape],
      )
    return new Tensor('float32', data, [...shape])
  }

  /** Gives its memory back. */
  release(): Promise<void> {
    return this.#session.release()
  }
}

function valuesOf({ dims, data }: ort.Tensor): Values {
  if (data instanceof Float32Array) return { shape: dims, data }
  if (Array.isArray(data)) throw new RangeError('it gives words')
  return { shape: dims, data: Float32Array.from(data as ArrayLike<number | bigint>, Number) }
}

/** What of an error of ONNX Runtime a person may want to read. */
const firstSentence = (error: unknown): string => {
  const [line] = (error instanceof Error ? error.message : String(error)).split('\n')
  return line.length > 200 ? `${line.slice(0, 200)} ...` : line
}
