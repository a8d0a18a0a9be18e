import { join } from 'node:path'
import { z } from 'zod'
import { openClipTokenizer } from '../../../app/models/clip-tokenizer.ts'
import { type Output, type Replayer, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({
  tokenizer: z.string(),
  prompts: z.array(z.string()),
  max_length: z.int(),
  /** Whether the entries of the ids, and the text that they stand for, are expected too. */
  tokens: z.boolean().optional(),
  decode: z.boolean().optional(),
})

/** Prompts to ids, cut and padded to a length, and whole. */
export const replayTokenize: Replayer = ({ params, root }) => {
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { tokenizer: folder, prompts, max_length: maxLength, tokens, decode } = parsed.data
  const tokenizer = openClipTokenizer(join(root, folder), { maxLength })
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
      tokens: tokens ? encoded.map(({ untruncated }) => tokenizer.tokens(untruncated)) : null,
      decoded: decode ? encoded.map(({ ids }) => tokenizer.decode(ids)) : null,
    },
  }
}
