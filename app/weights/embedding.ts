import { basename } from 'node:path'
import { Problem } from '../problem.ts'
import { readTensor } from './safetensors.ts'
import { openTensorFile } from './tensor-file.ts'

/** The text encoders of a checkpoint, by their names in diffusers. */
export type TextEncoderName = 'text_encoder' | 'text_encoder_2'

/** A word that a text encoder learned (textual inversion, Gal et al. 2022, arXiv:2208.01618): one or several vectors in its place. */
export interface Embedding {
  /** As the person chose it. */
  readonly label: string
  /** What stands for it in a prompt. */
  readonly word: string
  /** Rows x width numbers for each text encoder that learned it. */
  readonly vectors: Readonly<Partial<Record<TextEncoderName, LearnedVectors>>>
}

/** Vectors [rows, width] that stand in the place of a word. */
export interface LearnedVectors {
  readonly rows: number
  readonly width: number
  readonly values: Float32Array
}

/** Opens a learned word: `emb_params` or `string_to_param` (AUTOMATIC1111's web UI), one tensor under the word's own name (diffusers), or
 *  `clip_l` and `clip_g` (SDXL); as safetensors, or as PyTorch saved it, which is read as data and never executed.
 *  @param word what stands for it in prompts; absent: the name in the file, or the file's name where there is none
 *  @throws Problem EMBEDDING_FILE where it is none, SAFETENSORS_*, PICKLE_*, FILE_* */
export function openEmbedding(path: string, word?: string): Embedding {
  const file = openTensorFile(path)
  const names = [...file.tensors.keys()].filter(isLearned)
  const vectors = (name: string): LearnedVectors => {
    const shape = file.tensors.get(name)?.shape ?? []
    const [rows, width] = shape.length === 1 ? [1, shape[0]] : shape
    if (shape.length < 1 || shape.length > 2 || rows < 1 || width < 1) {
      throw noEmbedding(path, `its "${name}" is [${shape}] and not a list of vectors`)
    }
    return { rows, width, values: readTensor(file, name) }
  }
  if (file.tensors.has('clip_l') && file.tensors.has('clip_g') && names.length === 2) {
    const both = { text_encoder: vectors('clip_l'), text_encoder_2: vectors('clip_g') }
    if (both.text_encoder.rows !== both.text_encoder_2.rows) {
      throw noEmbedding(path, 'its two text encoders learned different numbers of vectors')
    }
    return { label: path, word: word ?? wordOf(path, names), vectors: both }
  }
  if (names.length !== 1) throw noEmbedding(path, `it holds ${names.length} tensors`)
  const [name] = names
  return {
    label: path,
    word: word ?? wordOf(path, names),
    vectors: { text_encoder: vectors(name) },
  }
}

/** The word that an embedding with these tensors is used by where nobody chose one: the name in the file, or the file's name where the
 *  tensor's own says nothing. */
export function wordOf(path: string, names: readonly string[]): string {
  const [only, ...others] = names.filter(isLearned)
  const saysNothing = only === undefined || others.length > 0 || /^(?:emb_params$|string_to_param\.)/.test(only)
  return saysNothing ? basename(path).replace(/\.(?:safetensors|sft|pt|pth|bin|ckpt)$/i, '') : only
}

/** The web UI keeps the token beside the vectors that stand for it. */
const isLearned = (name: string): boolean => !name.startsWith('string_to_token.')

const noEmbedding = (path: string, reason: string): Problem =>
  new Problem('EMBEDDING_FILE', `${path} is no embedding (textual inversion): ${reason}.`, {
    hint: 'Choose an embedding for Stable Diffusion.',
  })

/** The vectors that a text encoder gets, for embeddings in the order of their ids.
 *  @throws Problem EMBEDDING_BASE where one was made for another kind of model */
export function vectorsFor(
  embeddings: readonly Embedding[],
  encoder: TextEncoderName,
  encoders: readonly TextEncoderName[],
  width: number,
): LearnedVectors {
  const lists = embeddings.map(({ label, vectors }) => {
    const own = vectors[encoder]
    const learned = Object.keys(vectors).length
    if (own !== undefined && own.width === width && learned === encoders.length) return own
    const found =
      learned === encoders.length
        ? `vectors of width ${own?.width}`
        : `vectors for ${learned} text encoder${learned === 1 ? '' : 's'}`
    const wanted = learned === encoders.length ? `${width}` : `${encoders.length}`
    throw new Problem(
      'EMBEDDING_BASE',
      `${label} belongs to another base model: it has ${found}, this model needs ${wanted}.`,
      {
        hint: 'Choose an embedding that was made for this kind of model (Stable Diffusion 1.5, 2.1, XL ...).',
      },
    )
  })
  const rows = lists.reduce((sum, list) => sum + list.rows, 0)
  const values = new Float32Array(rows * width)
  let at = 0
  for (const list of lists) {
    values.set(list.values, at)
    at += list.values.length
  }
  return { rows, width, values }
}
