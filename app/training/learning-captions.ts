import type { Value } from '../graph/graph.ts'
import { concat, gather, reshape } from '../graph/ops/index.ts'
import { type ClipTextConfig, type ClipTextSizes, clipText } from '../models/clip-text.ts'
import { clipTextWithProjection, endPlaces } from '../models/clip-text-with-projection.ts'
import type { ClipTokenizer } from '../models/clip-tokenizer.ts'
import { isXl } from '../models/parts.ts'
import type { Trained } from '../models/trained.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import { clipComponents, tokenizerOf } from '../runtime/clip-encoders.ts'
import { Network } from '../runtime/network.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { timeIds, wholePicture } from '../runtime/size-conditioning.ts'
import type { Training } from '../runtime/trainable.ts'
import { countOfTimeIds } from '../runtime/unet-denoiser.ts'
import { repeatEach } from '../tensor/batches.ts'
import type { TextEncoderName } from '../weights/embedding.ts'
import { layersOf } from '../weights/lora.ts'
import type { Component, ModelSource } from '../weights/model-source.ts'
import { openModel } from '../weights/open-model.ts'
import { chosenLayers, type LowRankChoice } from './low-rank.ts'
import { type Captions, plainUNet } from './text-to-image-task.ts'
import { prefixOf, type TrainedNetworks } from './trained-networks.ts'

/** A text encoder that learns. */
interface LearningEncoder {
  readonly name: TextEncoderName
  readonly config: ClipTextConfig
  readonly tokenizer: ClipTokenizer
  readonly trained: Trained
  /** Width of what stands for the whole text, where that is read as well. */
  readonly pooledWidth?: number
  /** Writes it into a graph. */
  write(training: Training, sizes: ClipTextSizes): { readonly context: Value; readonly pooled?: Value }
}

/** Captions whose text encoders learn with the network that draws: they are parts of its graph, with low-rank factors of their own beside
 *  attention and, where that is chosen, feed-forward layers. Each encoder is read as drawing reads it (`ClipEncoders`).
 *  @returns with what is trained of each encoder; names of parameters begin as `prefixOf` says
 *  @throws Problem COMPONENT_*, MODEL_CONFIG, TOKENIZER_FILE */
export function learningCaptions(
  runtime: Runtime,
  checkpoint: Checkpoint,
  choice: LowRankChoice,
): Captions & { readonly trained: TrainedNetworks } {
  const source = openModel(checkpoint.description.path)
  const encoders = Object.entries(clipComponents(source)).map(([name, component]) =>
    openEncoder(runtime, source, name === 'text_encoder_2' ? name : 'text_encoder', component, choice),
  )
  const [{ maxLength: tokens }] = encoders.map(({ tokenizer }) => tokenizer)
  const pooledWidth = encoders.find(each => each.pooledWidth !== undefined)?.pooledWidth
  const sizeIds = pooledWidth === undefined ? 0 : countOfTimeIds(plainUNet(checkpoint, runtime).config, pooledWidth)
  const before = isXl(source) && { hiddenBefore: 1 }
  return {
    ...{ tokens, ...(sizeIds > 0 && { timeIds: sizeIds }) },
    trained: Object.fromEntries(encoders.map(({ name, trained }) => [name, trained])),
    part(training, batch) {
      const written = encoders.map(({ write }) => write(training, { batch, tokens, mask: false, skip: 0, ...before }))
      const [context, ...others] = written.map(each => each.context)
      const pooled = written.find(each => each.pooled !== undefined)?.pooled
      return {
        encoder_hidden_states: others.length === 0 ? context : concat([context, ...others], 2),
        ...(pooled && { text_embeds: pooled }),
      }
    },
    async feed(captions, size) {
      const time_ids = repeatEach(timeIds(wholePicture(size), sizeIds), captions.length)
      return {
        ...Object.fromEntries(encoders.flatMap(encoder => idsOf(encoder, captions, tokens))),
        ...(sizeIds > 0 && { time_ids }),
      }
    },
  }
}

function openEncoder(
  runtime: Runtime,
  source: ModelSource,
  name: TextEncoderName,
  component: Component,
  choice: LowRankChoice,
): LearningEncoder {
  const layers = chosenLayers(layersOf(component.weights), choice)
  const prefix = prefixOf(name)
  const whole = { factors: layers }
  if (component.className === clipTextWithProjection.className) {
    const network = new Network(runtime, clipTextWithProjection, component)
    return {
      ...{ name, config: network.config, trained: whole, pooledWidth: network.config.projection_dim },
      tokenizer: tokenizerOf(source, name, network.config),
      write(training, sizes) {
        const states = training.part({ network, graph: 'encode', sizes, trained: whole, prefix })
        const inputs = { pooled: endStates(training, name, states.last_hidden_state) }
        const { text_embeds: pooled } = training.part({ network, graph: 'project', sizes, inputs, prefix })
        return { context: states.hidden_state, pooled }
      },
    }
  }
  const network = new Network(runtime, clipText, component)
  const { config } = network
  // Nothing reads what the last layer of XL's first encoder gives.
  const unread = isXl(source) ? `encoder.layers.${config.num_hidden_layers - 1}.` : undefined
  const read = [...layers].filter(([layer]) => unread === undefined || !layer.startsWith(unread))
  const trained = { factors: new Map(read) }
  return {
    ...{ name, config, trained, tokenizer: tokenizerOf(source, name, config) },
    write(training, sizes) {
      const states = training.part({ network, graph: 'encode', sizes, trained, prefix })
      return { context: states.hidden_state ?? states.last_hidden_state }
    },
  }
}

/** Name of the input [batch] with the places of end tokens among all tokens of a batch. */
const endsOf = (name: TextEncoderName): string => `${prefixOf(name)}ends`

/** The states that stand for whole texts, [batch, width], of states [batch, tokens, width]: those of the end tokens. */
function endStates(training: Training, name: TextEncoderName, states: Value): Value {
  const [batch, tokens, width] = states.shape
  return gather(reshape(states, [batch * tokens, width]), training.input(endsOf(name), 'int64', [batch]))
}

/** What an encoder is fed of captions. */
function idsOf({ name, config, tokenizer, pooledWidth }: LearningEncoder, captions: readonly string[], tokens: number) {
  const integers = captions.flatMap(caption => tokenizer.encode(caption).ids)
  const ids = { shape: [captions.length, tokens], integers }
  const ends = { shape: [captions.length], integers: endPlaces(integers, tokens, config) }
  const own = [[`${prefixOf(name)}input_ids`, ids] as const]
  return pooledWidth === undefined ? own : [...own, [endsOf(name), ends] as const]
}
