import { type ClipTextConfig, type ClipTextSizes, clipText } from '../models/clip-text.ts'
import { openClipTokenizer } from '../models/clip-tokenizer.ts'
import { Problem } from '../problem.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import { Network } from '../runtime/network.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { openModel } from '../weights/open-model.ts'
import type { Captions } from './text-to-image-task.ts'

const TABLE = 'embeddings.token_embedding.weight'

/** Captions with a word that is being learned: the text encoder is part of the graph, and the word's vectors are its only parameters,
 *  `learned_rows` [vectors, width] (textual inversion, Gal et al. 2022, arXiv:2208.01618). For models with one text encoder.
 *  @param word not in the vocabulary  @param like a word that it begins as, e.g. "cat"; '' where nothing is alike
 *  @returns with `start`: the vectors at their beginning  @throws Problem TRAINING_TEXT_ENCODERS, TOKENIZER_FILE, EMBEDDING_* */
export function captionsWithWord(
  runtime: Runtime,
  checkpoint: Checkpoint,
  { word, vectors, like }: { readonly word: string; readonly vectors: number; readonly like: string },
): Captions & { readonly start: Float32Array; readonly width: number } {
  const source = openModel(checkpoint.description.path)
  if (source.components.get('text_encoder_2')?.className !== undefined) {
    throw new Problem(
      'TRAINING_TEXT_ENCODERS',
      `${checkpoint.description.name} has two text encoders; words are learned by one alone.`,
      {
        hint: 'Train a LoRA instead, or choose a model like Stable Diffusion 1.5.',
      },
    )
  }
  const component = source.component('text_encoder', [clipText.className])
  const network = new Network<ClipTextConfig, ClipTextSizes>(runtime, clipText, component)
  const { hidden_size: width, vocab_size, max_position_embeddings: tokens } = network.config
  const learned = [{ word, vectors }]
  const tokenizer = openClipTokenizer(source.component('tokenizer').folder, { maxLength: tokens, learned })
  const [, first] = tokenizer.encode(like).ids
  const table = network.stored(TABLE, [vocab_size, width])
  const begin = table.slice(first * width, (first + 1) * width)
  return {
    ...{ tokens, width },
    start: Float32Array.from({ length: vectors * width }, (_, i) => begin[i % width]),
    part(training, batch) {
      const rows = { key: TABLE, first: tokenizer.firstLearned, rows: vectors, width }
      const sizes = { batch, tokens, mask: false, skip: 0 }
      const { last_hidden_state } = training.part({ network, graph: 'encode', sizes, trained: { rows } })
      return { encoder_hidden_states: last_hidden_state }
    },
    async feed(captions) {
      const integers = captions.flatMap(caption => tokenizer.encode(caption).ids)
      return { input_ids: { shape: [captions.length, tokens], integers } }
    },
  }
}
