import { type ClipTextConfig, type ClipTextSizes, clipText } from '../models/clip-text.ts'
import { clipTextWithProjection, pooledStates } from '../models/clip-text-with-projection.ts'
import { type ClipTokenizer, type LearnedWord, openClipTokenizer } from '../models/clip-tokenizer.ts'
import { parseConfig } from '../models/family.ts'
import { clipParts, denoiserKind, doublesLatents, isXl } from '../models/parts.ts'
import { chunkPrompt, emptyChunk, type LongPrompts, type PromptChunk } from '../models/prompt/chunks.ts'
import { emphasise } from '../models/prompt/emphasis.ts'
import type { Sections } from '../models/prompt/schedule.ts'
import { type WordPlaces, wordPlaces } from '../models/prompt/word-places.ts'
import { Problem } from '../problem.ts'
import { joinBatches, joinTokens } from '../tensor/batches.ts'
import type { RgbImage } from '../tensor/images.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { type Embedding, type TextEncoderName, vectorsFor } from '../weights/embedding.ts'
import type { Component, ModelSource } from '../weights/model-source.ts'
import type { FittedLoras } from './fit-loras.ts'
import { type FedTraining, type Load, Network } from './network.ts'
import type { Runtime } from './runtime.ts'

/** Words for the text encoders; the second and the third read the same unless they are given their own. */
export interface PromptWords {
  readonly sections: Sections
  readonly second?: Sections
  readonly third?: Sections
}

/** A prompt as a denoising network reads it. */
export interface EncodedPrompt {
  /** The states of all encoders. [1, tokens, width] */
  readonly context: Tensor
  /** What stands for the whole text, where an encoder gives that. [1, width] */
  readonly pooled?: Tensor
}

/** Text encoders of a checkpoint, whichever they are. */
export interface PromptEncoder {
  /** Width of the context. */
  readonly width: number
  /** Width of what stands for the whole text, where something does. */
  readonly pooledWidth: number | undefined
  /** What reading two prompts takes. */
  readonly load: Load
  /** @param prompts with the last layers that are left out ("clip skip")
   *  @returns for each; all contexts have as many tokens as the longest  @throws Problem CLIP_SKIP, MEMORY */
  encode(prompts: readonly (PromptWords & { readonly skip: number })[], long: LongPrompts): Promise<EncodedPrompt[]>
  /** The words of a prompt with their places in the context, where each token has one there. */
  wordPlaces?(prompt: Sections, long: LongPrompts): WordPlaces
  /** Of models that are shown a picture instead of words: what it says. */
  readonly encodeExample?: (picture: RgbImage) => Promise<EncodedPrompt>
  /** Closes what is large until the next words. */
  rest(): Promise<void>
}

/** What a person puts beside the text encoders. */
export interface TextAdditions {
  readonly loras: FittedLoras['fitted']
  /** Learned words. */
  readonly embeddings: readonly Embedding[]
  /** What is being trained of them. */
  readonly inTraining?: Readonly<Partial<Record<TextEncoderName, FedTraining>>> | undefined
}

interface Encoder {
  readonly config: ClipTextConfig
  /** Width of what stands for all of a text. */
  readonly pooledWidth?: number
  readonly tokenizer: ClipTokenizer
  /** States of a chunk [1, tokens, width], and what stands for all of it. */
  encode(chunk: PromptChunk, skip: number): Promise<EncodedPrompt>
  rest(): Promise<void>
}

/** The CLIP text encoders of a checkpoint. Stable Diffusion 1 and 2 have one and read its final state; Stable Diffusion XL reads the
 *  last but one state of two (its refiner: of the second alone) and the projection of the second (Podell et al. 2023,
 *  arXiv:2307.01952, section 2.1); Stable Diffusion 3 the same and both projections (Esser et al. 2024, arXiv:2403.03206); of Flux'
 *  the state of the end token alone is read. */
export class ClipEncoders implements PromptEncoder {
  readonly pooledWidth: number | undefined
  readonly #encoders: readonly Encoder[]
  readonly #components: readonly Component[]

  /** @throws Problem COMPONENT_*, MODEL_CONFIG, TOKENIZER_FILE, EMBEDDING_* */
  constructor(runtime: Runtime, folder: ModelSource, additions: TextAdditions) {
    const components = clipComponents(folder)
    this.#components = Object.values(components)
    this.#encoders = Object.entries(components).map(([name, component]) =>
      openEncoder(runtime, folder, name === 'text_encoder_2' ? name : 'text_encoder', component, additions),
    )
    const widths = this.#encoders.flatMap(({ pooledWidth }) => pooledWidth ?? [])
    this.pooledWidth = widths.length === 0 ? undefined : widths.reduce((sum, width) => sum + width, 0)
  }

  get load(): Load {
    return readingLoad(
      this.#components,
      Math.max(...this.#encoders.map(({ config }) => config.max_position_embeddings)),
    )
  }

  /** That of all encoders together: their states stand beside each other. */
  get width(): number {
    return this.#encoders.reduce((sum, { config }) => sum + config.hidden_size, 0)
  }

  /** Prompts with weights; each chunk is encoded on its own. All have as many chunks as the longest, filled up with empty ones; what
   *  stands for a whole text is that of its first chunk. */
  async encode(
    prompts: readonly (PromptWords & { readonly skip: number })[],
    long: LongPrompts,
  ): Promise<EncodedPrompt[]> {
    const chunked = this.#encoders.map(({ tokenizer }, k) =>
      prompts.map(
        ({ sections, second = sections }) => chunkPrompt(k === 0 ? sections : second, tokenizer, long).chunks,
      ),
    )
    const most = Math.max(...chunked.flat().map(chunks => chunks.length))
    const known = new Map<string, Promise<EncodedPrompt>>()
    const encodeOnce = (k: number, chunk: PromptChunk, skip: number): Promise<EncodedPrompt> => {
      const key = JSON.stringify([k, chunk, skip])
      const encoded = known.get(key) ?? encodeChunk(this.#encoders[k], chunk, skip)
      known.set(key, encoded)
      return encoded
    }
    const encoded: EncodedPrompt[] = []
    for (const [at, { skip }] of prompts.entries()) {
      const contexts: Tensor[] = []
      const pooled: Tensor[] = []
      for (const [k, { tokenizer }] of this.#encoders.entries()) {
        const chunks = Array.from({ length: most }, (_, n) => chunked[k][at][n] ?? emptyChunk(tokenizer))
        const parts: EncodedPrompt[] = []
        for (const chunk of chunks) parts.push(await encodeOnce(k, chunk, skip))
        contexts.push(joinTokens(parts.map(({ context }) => context)))
        if (parts[0].pooled !== undefined) pooled.push(parts[0].pooled)
      }
      encoded.push({ context: beside(contexts), ...(pooled.length > 0 && { pooled: joined(pooled) }) })
    }
    return encoded
  }

  /** All encoders read the same tokens at the same places. */
  wordPlaces(prompt: Sections, long: LongPrompts): WordPlaces {
    return wordPlaces(prompt, this.#encoders[0].tokenizer, long)
  }

  async rest(): Promise<void> {
    for (const encoder of this.#encoders) await encoder.rest()
  }
}

/** What two prompts take, by the weights alone: each is multiplied once for each token. */
function readingLoad(encoders: readonly Component[], tokens: number): Load {
  const weights = encoders.reduce((sum, encoder) => sum + encoder.weights.parameterBytes, 0)
  return { footprint: { weights, activations: 0 }, work: weights * tokens }
}

/** The CLIP text encoders of a model by name. @throws Problem COMPONENT_* */
export function clipComponents(folder: ModelSource): Readonly<Partial<Record<TextEncoderName, Component>>> {
  return Object.fromEntries(
    Object.entries(clipParts(folder)).map(([name, classes]) => [name, folder.component(name, classes)]),
  )
}

/** The table of words of a text encoder: what it learned is looked up beside it. */
const wordTable = 'embeddings.token_embedding.weight'

function openEncoder(
  runtime: Runtime,
  folder: ModelSource,
  name: TextEncoderName,
  component: Component,
  { loras, embeddings, inTraining }: TextAdditions,
): Encoder {
  const projects = component.className === clipTextWithProjection.className
  const config = parseConfig(clipText, component.config, component.configPath)
  const all = textEncoderNames.filter(each => Object.hasOwn(clipParts(folder), each))
  const learned = vectorsFor(embeddings, name, all, config.hidden_size)
  const tokenizer = tokenizerOf(
    folder,
    name,
    config,
    embeddings.map(({ word, vectors }) => ({ word, vectors: vectors[name]?.rows ?? 1 })),
  )
  const added = {
    loras: loras[name],
    inTraining: inTraining?.[name],
    ...(learned.rows > 0 && { learned: { key: wordTable, first: tokenizer.firstLearned, ...learned } }),
  }
  if (projects) return projected(new Network(runtime, clipTextWithProjection, component, added), tokenizer)
  const network = new Network(runtime, clipText, component, added)
  if (denoiserKind(folder) === 'flux') return endToken(network, tokenizer)
  if (doublesLatents(folder)) return notNormalized(network, tokenizer)
  return isXl(folder) ? beforeLast(network, tokenizer) : last(network, tokenizer)
}

const textEncoderNames = ['text_encoder', 'text_encoder_2'] as const

/** The tokenizer of a CLIP text encoder. @param learned words that were learned  @throws Problem TOKENIZER_FILE, EMBEDDING_WORD */
export function tokenizerOf(
  folder: ModelSource,
  name: TextEncoderName,
  { max_position_embeddings: maxLength }: ClipTextConfig,
  learned: readonly LearnedWord[] = [],
): ClipTokenizer {
  const { folder: files, padToken } = folder.component(name.replace('text_encoder', 'tokenizer'))
  return openClipTokenizer(files, { padToken, maxLength, learned })
}

/** One chunk, its states multiplied by the words' weights. */
async function encodeChunk(encoder: Encoder, chunk: PromptChunk, skip: number): Promise<EncodedPrompt> {
  const { num_hidden_layers: layers } = encoder.config
  if (skip >= layers) {
    throw new Problem(
      'CLIP_SKIP',
      `Clip skip ${skip} leaves nothing of the text encoder, which has ${layers} layers.`,
      { hint: `Use at most ${layers - 1}.`, details: { field: 'clipSkip' } },
    )
  }
  const { context, pooled } = await encoder.encode(chunk, skip)
  return { context: emphasise(context, chunk.weights), pooled }
}

type TextNetwork = Pick<Network<ClipTextConfig, ClipTextSizes>, 'config' | 'session' | 'rest'>

/** One encoder, read at its last state. */
const last = (network: TextNetwork, tokenizer: ClipTokenizer): Encoder => ({
  config: network.config,
  rest: () => network.rest(),
  tokenizer,
  async encode({ ids }, skip) {
    const states = await run(network, ids, { skip })
    return { context: states.last_hidden_state }
  },
})

/** One of several encoders, read before its last layer. */
const beforeLast = (network: TextNetwork, tokenizer: ClipTokenizer): Encoder => ({
  config: network.config,
  rest: () => network.rest(),
  tokenizer,
  async encode({ ids }, skip) {
    return { context: (await run(network, ids, { skip: 0, hiddenBefore: skip + 1 })).hidden_state }
  },
})

/** The same with a projection of the whole text. */
const projected = (
  network: TextNetwork & { readonly config: { readonly projection_dim: number } },
  tokenizer: ClipTokenizer,
): Encoder => ({
  config: network.config,
  rest: () => network.rest(),
  tokenizer,
  pooledWidth: network.config.projection_dim,
  async encode({ ids }, skip) {
    const states = await run(network, ids, { skip: 0, hiddenBefore: skip + 1 })
    const session = await network.session('project', sizesOf(ids.length, { skip: 0 }))
    const pooled = pooledStates(states.last_hidden_state, ids, network.config)
    return { context: states.hidden_state, pooled: (await session.run({ pooled })).text_embeds }
  },
})

/** An encoder of which the final state of the end token is read, which stands for the whole text. */
const endToken = (network: TextNetwork, tokenizer: ClipTokenizer): Encoder => ({
  config: network.config,
  rest: () => network.rest(),
  tokenizer,
  pooledWidth: network.config.hidden_size,
  async encode({ ids }) {
    const { last_hidden_state: states } = await run(network, ids, { skip: 0 })
    return { context: states, pooled: pooledStates(states, ids, network.config) }
  },
})

/** An encoder of which the last layer's state is read as it is, and the end token's final state for the whole text. */
const notNormalized = (network: TextNetwork, tokenizer: ClipTokenizer): Encoder => ({
  config: network.config,
  rest: () => network.rest(),
  tokenizer,
  pooledWidth: network.config.hidden_size,
  async encode({ ids }, skip) {
    const states = await run(network, ids, { skip: 0, hiddenBefore: skip })
    return { context: states.hidden_state, pooled: pooledStates(states.last_hidden_state, ids, network.config) }
  },
})

const sizesOf = (tokens: number, options: Pick<ClipTextSizes, 'skip' | 'hiddenBefore'>): ClipTextSizes => ({
  ...{ batch: 1, tokens, mask: false },
  ...options,
})

async function run(
  network: TextNetwork,
  ids: readonly number[],
  options: Pick<ClipTextSizes, 'skip' | 'hiddenBefore'>,
): Promise<Record<string, Tensor>> {
  const session = await network.session('encode', sizesOf(ids.length, options))
  return session.run({ input_ids: { shape: [1, ids.length], integers: ids } })
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

/** Tensors [1, width] as one [1, sum of widths]. */
function joined(parts: readonly Tensor[]): Tensor {
  const { data } = joinBatches(parts.map(({ data }) => tensor([data.length], data)))
  return tensor([1, data.length], data)
}
