import { expect, test } from 'vitest'
import { namesOf } from './key-aliases.ts'

test.each([
  ['embeddings.token_embedding.weight', 'text_model.embeddings.token_embedding.weight'],
  ['text_model.final_layer_norm.bias', 'final_layer_norm.bias'],
  ['shared.weight', 'encoder.embed_tokens.weight'],
  ['decoder.mid_block.attentions.0.to_out.0.weight', 'decoder.mid_block.attentions.0.proj_attn.weight'],
])('%s may be stored as %s', (wanted, stored) => {
  expect(namesOf(wanted)).toEqual([wanted, stored])
})

test('names that mean one thing alone have no other', () => {
  for (const name of ['encoder.block.0.layer.1.DenseReluDense.wo.weight', 'decoder.shared.weight']) {
    expect(namesOf(name)).toEqual([name])
  }
})
