import { join } from 'node:path'
import { z } from 'zod'
import { openT5Tokenizer } from '../../../app/models/t5-tokenizer.ts'
import { type Output, type Replayer, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({ tokenizer: z.string(), prompts: z.array(z.string()), max_length: z.int() })

/** Prompts to T5's ids, cut and padded to a length, and whole; and back to text. */
export const replayTokenizeT5: Replayer = ({ params, root }) => {
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { tokenizer: folder, prompts, max_length: maxLength } = parsed.data
  const tokenizer = openT5Tokenizer(join(root, folder))
  const encoded = prompts.map(prompt => tokenizer.encode(prompt, { maxLength }))
  const table = (rows: readonly (readonly number[])[]): Output => ({
    shape: [rows.length, maxLength],
    data: rows.flat(),
  })
  return {
    outputs: {
      input_ids: table(encoded.map(({ ids }) => ids)),
      attention_mask: table(encoded.map(({ attentionMask }) => attentionMask)),
    },
    expected: {
      ids_untruncated: encoded.map(({ untruncated }) => untruncated),
      decoded: encoded.map(({ untruncated }) => tokenizer.decode(untruncated)),
    },
  }
}
