import { dirname, parse } from 'node:path'
import type * as ort from 'onnxruntime-node'
import type { Graph, Value } from '../graph/graph.ts'
import { encodeOnnx, externalFiles } from '../graph/onnx.ts'
import { Problem } from '../problem.ts'
import { type Shape, type Tensor, tensor } from '../tensor/tensor.ts'

/** A tensor of whole numbers: token ids. */
export interface IntegerTensor {
  readonly shape: Shape
  readonly integers: readonly number[]
}

/** What is fed to a graph, by input name. */
export type Feeds = Readonly<Record<string, Tensor | IntegerTensor>>

/** How a session is opened. */
export interface SessionOptions {
  /** Threads of the CPU provider. */
  readonly threads: number
  /** False: nodes are computed as they are written, for checks that count every rounding. */
  readonly optimizes?: boolean
}

/** Loads ONNX Runtime, once: 30 MB that a process which only asks what a model would take does without. */
export const loadOnnxRuntime = (): Promise<typeof ort> => import('onnxruntime-node')

/** A graph that can be run. ONNX Runtime runs on the calling thread until it is done, and cannot be cancelled. */
export class Session {
  readonly #session: ort.InferenceSession
  readonly #inputs: readonly Value[]
  readonly #Tensor: typeof ort.Tensor

  private constructor(session: ort.InferenceSession, inputs: readonly Value[], Tensor: typeof ort.Tensor) {
    this.#session = session
    this.#Tensor = Tensor
    this.#inputs = inputs
  }

  /** Hands a graph to ONNX Runtime. @throws Problem SESSION_OPEN with ONNX Runtime's own words in the details */
  static async open(graph: Graph, options: SessionOptions): Promise<Session> {
    const root = commonFolder(externalFiles(graph))
    const onnx = encodeOnnx(graph, root)
    const { InferenceSession, Tensor } = await loadOnnxRuntime()
    try {
      const session = await InferenceSession.create(onnx, sessionOptions(graph, root, options))
      return new Session(session, graph.inputs, Tensor)
    } catch (cause) {
      throw new Problem('SESSION_OPEN', `The model could not be opened on ${graph.target.provider}.`, {
        details: { reason: String(cause) },
        cause,
      })
    }
  }

  /** Runs the graph once. @returns outputs by name, as float32
   *  @throws Problem SESSION_RUN, for a missing input, a wrong shape, or what ONNX Runtime reports */
  async run(feeds: Feeds): Promise<Readonly<Record<string, Tensor>>> {
    const tensors = Object.fromEntries(
      this.#inputs.map(input => [input.name, fed(this.#Tensor, input, feeds[input.name])]),
    )
    try {
      const results = await this.#session.run(tensors)
      return Object.fromEntries(Object.entries(results).map(([name, result]) => [name, toTensor(name, result)]))
    } catch (cause) {
      throw new Problem('SESSION_RUN', 'The model stopped while computing.', {
        details: { reason: String(cause) },
        cause,
      })
    }
  }

  /** Gives the session's memory back. */
  release(): Promise<void> {
    return this.#session.release()
  }
}

function sessionOptions(graph: Graph, root: string, options: SessionOptions): ort.InferenceSession.SessionOptions {
  const mapped = graph.target.weights === 'mapped'
  return {
    executionProviders: [graph.target.provider],
    // Level `all` lays convolutions out anew, which copies their weights; `extended` leaves them in the file's pages.
    graphOptimizationLevel: options.optimizes === false ? 'disabled' : mapped ? 'extended' : 'all',
    intraOpNumThreads: options.threads,
    enableMemPattern: !mapped,
    enableCpuMemArena: !mapped,
    logSeverityLevel: 3,
    extra: {
      session: {
        model_external_initializers_file_folder_path: root,
        disable_prepacking: graph.target.products === 'packed' ? '0' : '1',
        // Several sessions live in one process: spinning threads would take each other's time.
        intra_op: { allow_spinning: '0' },
      },
      // It crashes at load on a shape that is computed at run time, which just-in-time casts have.
      optimization: { disable_specified_optimizers: 'ReshapeFusion' },
    },
  }
}

function fed(OrtTensor: typeof ort.Tensor, input: Value, feed: Tensor | IntegerTensor | undefined): ort.Tensor {
  if (feed === undefined || String(feed.shape) !== String(input.shape)) {
    const found = feed === undefined ? 'nothing' : `[${feed.shape}]`
    throw new Problem(
      'SESSION_RUN',
      `The model's input "${input.name}" takes [${input.shape}], but was given ${found}.`,
    )
  }
  if ('integers' in feed) return new OrtTensor('int64', BigInt64Array.from(feed.integers, BigInt), [...feed.shape])
  return new OrtTensor('float32', feed.data, [...feed.shape])
}

function toTensor(name: string, result: ort.OnnxValue): Tensor {
  const { data, dims } = result as ort.Tensor
  if (!(data instanceof Float32Array)) throw new Error(`output ${name} is not float32`)
  return tensor(dims, data)
}

/** The deepest folder that contains all files: ONNX Runtime refuses weights outside one root. */
function commonFolder(files: readonly string[]): string {
  const [first, ...rest] = files
  if (first === undefined) return process.cwd()
  let folder = dirname(first)
  const { root } = parse(first)
  while (folder !== root && rest.some(file => !file.startsWith(`${folder}/`) && !file.startsWith(`${folder}\\`)))
    folder = dirname(folder)
  return folder
}
