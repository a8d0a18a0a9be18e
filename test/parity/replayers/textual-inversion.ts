import { join } from 'node:path'
import { z } from 'zod'
import { openClipTokenizer } from '../../../app/models/clip-tokenizer.ts'
import { plainWords } from '../../../app/models/prompt/schedule.ts'
import { Checkpoint } from '../../../app/runtime/checkpoint.ts'
import { openEmbedding } from '../../../app/weights/embedding.ts'
import { withModelFolder } from '../models.ts'
import { MODEL, modelWithDdim } from './lora.ts'
import { callSchema, draw, seeds } from './pipeline.ts'
import { type Replayer, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({
  file: z.string(),
  token: z.string().nullable(),
  call: callSchema,
  seed: seeds,
})

/** A picture drawn with a learned word in its prompt. */
export const replayTextualInversion: Replayer = variant => {
  const parsed = parameters.safeParse(variant.params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { file, token, call, seed } = parsed.data
  const path = join(variant.root, file)
  const { word, vectors } = openEmbedding(path, token ?? undefined)
  const rows = vectors.text_encoder?.rows ?? 1
  const embeddings = [{ path, word }]
  const [prompt] = call.prompt
  return withModelFolder(modelWithDdim(variant.root), async (folder, runtime) => {
    const checkpoint = new Checkpoint(folder, runtime, { embeddings })
    const drawn = await draw(variant, checkpoint, { call, seed })
    if ('leftOut' in drawn) return drawn
    const { latents, image } = drawn.outputs
    const request = { prompt: { sections: plainWords(prompt) }, size: checkpoint.description.defaults }
    const [{ positive }] = await checkpoint.condition([request], 'cut')
    const { encoder_hidden_states: state } = positive
    const tokenizer = openClipTokenizer(join(variant.root, MODEL, 'tokenizer'), {
      maxLength: state.shape[1],
      learned: [{ word, vectors: rows }],
    })
    const { ids } = tokenizer.encode(prompt)
    // The reference writes all vectors out before it reads the prompt; our tokenizer puts their ids in the word's place.
    const written = Array.from({ length: rows }, (_, k) => (k === 0 ? word : `${word}_${k}`)).join(' ')
    return {
      outputs: { input_ids: { shape: [1, ids.length], data: ids }, prompt_embeds: state, latents, image },
      expected: { converted_prompt: prompt.replaceAll(word, written), vocab: tokenizer.firstLearned + rows },
    }
  })
}
