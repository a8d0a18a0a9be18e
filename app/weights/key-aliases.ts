/** Other names under which files hold a parameter, as patterns over the name that our models ask for (transformers 5, diffusers 0.42).
 *  Patterns are anchored where the name could mean something else. */
const aliases: readonly (readonly [wanted: RegExp, stored: string])[] = [
  // transformers up to 4 put a text encoder's parameters under "text_model."
  [/^(?=embeddings\.|encoder\.layers\.|final_layer_norm\.)/, 'text_model.'],
  [/^text_model\./, ''],
  // files of T5's encoder alone may hold its embeddings under the name that they have there
  [/^shared\./, 'encoder.embed_tokens.'],
  // diffusers before 0.15 named the attention of autoencoders so; only there does it stand right below `attentions.N`
  [/(?<=\battentions\.\d+\.)to_q\./, 'query.'],
  [/(?<=\battentions\.\d+\.)to_k\./, 'key.'],
  [/(?<=\battentions\.\d+\.)to_v\./, 'value.'],
  [/(?<=\battentions\.\d+\.)to_out\.0\./, 'proj_attn.'],
]

/** The names to look for, the wanted one first. */
export const namesOf = (wanted: string): readonly string[] => [
  wanted,
  ...aliases.filter(([pattern]) => pattern.test(wanted)).map(([pattern, stored]) => wanted.replace(pattern, stored)),
]

/** Buffers that older programs saved beside the parameters, whose contents are computed; and what programs for 8 bits save for their own
 *  arithmetic: a mark of the whole file, ranges of what goes into a layer. */
export const isBuffer = (name: string): boolean =>
  /(^|\.)(?:position_ids|scaled_fp8|scale_input|input_scale)$/.test(name)

/** The parameter that a scale belongs to: `layer.scale_weight` or `layer.weight_scale` to `layer.weight`; undefined for other names. */
export const scaledBy = (name: string): string | undefined =>
  /(?:^|\.)(?:scale_weight|weight_scale)$/.test(name)
    ? name.replace(/(?:scale_weight|weight_scale)$/, 'weight')
    : undefined
