import { emphasise } from '../models/prompt/emphasis.ts'
import type { Sections } from '../models/prompt/schedule.ts'
import { t5Chunk } from '../models/prompt/t5-chunk.ts'
import { type T5Config, type T5Sizes, t5Encoder } from '../models/t5-encoder.ts'
import { openT5Tokenizer, type T5Tokenizer } from '../models/t5-tokenizer.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { ModelSource } from '../weights/model-source.ts'
import { type Load, Network, type StrongLora } from './network.ts'
import type { Runtime } from './runtime.ts'

/** The T5 text encoder of Stable Diffusion 3 and Flux: the states of one window of tokens, padding included, as the reference's pipelines
 *  read them, without a mask. */
export class T5States {
  readonly #network: Network<T5Config, T5Sizes>
  readonly #tokenizer: T5Tokenizer
  readonly #window: number

  /** @param part names of the model's components  @param window tokens that are read, the end included  @param loras fitted to it
   *  @throws Problem COMPONENT_*, MODEL_CONFIG, TOKENIZER_FILE */
  constructor(
    runtime: Runtime,
    folder: ModelSource,
    part: { readonly encoder: string; readonly tokenizer: string },
    window: number,
    loras: readonly StrongLora[] = [],
  ) {
    const component = folder.component(part.encoder, [t5Encoder.className])
    this.#network = new Network(runtime, t5Encoder, component, { loras })
    this.#tokenizer = openT5Tokenizer(folder.component(part.tokenizer).folder)
    this.#window = window
  }

  /** What reading two prompts takes. */
  get load(): Load {
    const { footprint, work } = this.#network.load('encode', this.#sizes)
    return { footprint, work: 2 * work }
  }

  /** Numbers of each state. */
  get width(): number {
    return this.#network.config.d_model
  }

  /** Texts with weights; equal ones are computed once. What does not fit into the window is left out.
   *  @returns [1, window, width] for each  @throws Problem MEMORY */
  async encode(texts: readonly Sections[]): Promise<Tensor[]> {
    const known = new Map<string, Tensor>()
    const encoded: Tensor[] = []
    for (const sections of texts) {
      const { ids, weights } = t5Chunk(sections, this.#tokenizer, this.#window)
      const key = JSON.stringify([ids, weights])
      const states = known.get(key) ?? emphasise(await this.#states(ids), weights)
      known.set(key, states)
      encoded.push(states)
    }
    return encoded
  }

  /** Closes the encoder until the next texts. */
  rest(): Promise<void> {
    return this.#network.rest()
  }

  get #sizes(): T5Sizes {
    return { batch: 1, tokens: this.#window, mask: false }
  }

  async #states(ids: readonly number[]): Promise<Tensor> {
    const session = await this.#network.session('encode', this.#sizes)
    return (await session.run({ input_ids: { shape: [1, ids.length], integers: ids } })).last_hidden_state
  }
}
