import { type ClipTextConfig, type ClipTextSizes, clipText } from '../models/clip-text.ts'
import { clipTextWithProjection, pooledStates } from '../models/clip-text-with-projection.ts'
import { type ClipTokenizer, openClipTokenizer } from '../models/clip-tokenizer.ts'
import { isXl, textEncoderParts } from '../models/parts.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import type { DiffusersFolder } from '../weights/diffusers-folder.ts'
import { Network } from './network.ts'
import type { Runtime } from './runtime.ts'

/** Words for the text encoders; a second one reads the same unless it is given its own. */
export interface PromptText {
  readonly text: string
  readonly second?: string
}

/** A prompt as a UNet reads it. */
export interface EncodedPrompt {
  /** The states of all encoders beside each other. [1, tokens, width] */
  readonly context: Tensor
  /** What stands for the whole text, where the last encoder projects it. [1, projection_dim] */
  readonly pooled?: Tensor
}

interface Encoder {
  readonly config: ClipTextConfig
  /** States of a text [1, tokens, width], and what stands for all of it. */
  encode(text: string, skip: number): Promise<EncodedPrompt>
}

/** The text encoders of a checkpoint. Stable Diffusion 1 and 2 have one and read its final state; Stable Diffusion XL reads the
 *  last but one state of two (its refiner: of the second alone) and the projection of the second (Podell et al. 2023,
 *  arXiv:2307.01952, section 2.1). */
export class TextEncoders {
  /** Whether something stands for the whole text. */
  readonly projects: boolean
  readonly #encoders: readonly Encoder[]

  /** @throws Problem COMPONENT_*, MODEL_CONFIG, TOKENIZER_FILE */
  constructor(runtime: Runtime, folder: DiffusersFolder) {
    this.projects = isXl(folder)
    this.#encoders = Object.keys(textEncoderParts(folder)).map(name => {
      const component = folder.component(name, textEncoderParts(folder)[name])
      const isSecond = name === 'text_encoder_2'
      const network: TextNetwork = isSecond
        ? new Network(runtime, clipTextWithProjection, component)
        : new Network(runtime, clipText, component)
      const tokenizer = openClipTokenizer(folder.component(isSecond ? 'tokenizer_2' : 'tokenizer').folder, {
        maxLength: network.config.max_position_embeddings,
      })
      return isXl(folder) ? beforeLast(network, tokenizer, isSecond) : last(network, tokenizer)
    })
  }

  /** Width of the context: that of all encoders together. */
  get width(): number {
    return this.#encoders.reduce((sum, { config }) => sum + config.hidden_size, 0)
  }

  /** Words beyond the window are left out. @param skip last layers that are left out ("clip skip") */
  async encode({ text, second = text }: PromptText, skip: number): Promise<EncodedPrompt> {
    const encoded: EncodedPrompt[] = []
    for (const [k, encoder] of this.#encoders.entries())
      encoded.push(await encoder.encode(k === 0 ? text : second, skip))
    return { context: beside(encoded.map(({ context }) => context)), pooled: encoded.at(-1)?.pooled }
  }
}

type TextNetwork = Pick<Network<ClipTextConfig, ClipTextSizes>, 'config' | 'session'>

/** One encoder, read at its last state. */
const last = (network: TextNetwork, tokenizer: ClipTokenizer): Encoder => ({
  config: network.config,
  async encode(text, skip) {
    const { states } = await run(network, tokenizer, text, { skip })
    return { context: states.last_hidden_state }
  },
})

/** One of several encoders, read before its last layer. @param projects whether a projection of the whole text follows */
const beforeLast = (network: TextNetwork, tokenizer: ClipTokenizer, projects: boolean): Encoder => ({
  config: network.config,
  async encode(text, skip) {
    const { states, ids } = await run(network, tokenizer, text, { skip: 0, hiddenBefore: skip + 1 })
    if (!projects) return { context: states.hidden_state }
    const session = await network.session('project', sizesOf(ids.length, { skip: 0 }))
    const pooled = pooledStates(states.last_hidden_state, ids, network.config)
    return { context: states.hidden_state, pooled: (await session.run({ pooled })).text_embeds }
  },
})

const sizesOf = (tokens: number, options: Pick<ClipTextSizes, 'skip' | 'hiddenBefore'>): ClipTextSizes => ({
  ...{ batch: 1, tokens, mask: false },
  ...options,
})

async function run(
  network: TextNetwork,
  tokenizer: ClipTokenizer,
  text: string,
  options: Pick<ClipTextSizes, 'skip' | 'hiddenBefore'>,
): Promise<{ states: Record<string, Tensor>; ids: readonly number[] }> {
  const tokens = tokenizer.maxLength
  const { ids } = tokenizer.encode(text, { maxLength: tokens })
  const session = await network.session('encode', sizesOf(tokens, options))
  return { states: await session.run({ input_ids: { shape: [1, tokens], integers: ids } }), ids }
}

/** Tensors [1, tokens, width] as one [1, tokens, sum of widths]. */
function beside(parts: readonly Tensor[]): Tensor {
  const [first] = parts
  if (parts.length === 1) return first
  const [, tokens] = first.shape
  const width = parts.reduce((sum, { shape }) => sum + shape[2], 0)
  const data = new Float32Array(tokens * width)
  let at = 0
  for (const part of parts) {
    const own = part.shape[2]
    for (let row = 0; row < tokens; row++) data.set(part.data.subarray(row * own, (row + 1) * own), row * width + at)
    at += own
  }
  return tensor([1, tokens, width], data)
}
