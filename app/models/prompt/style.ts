/** Where the person's own words stand in a style's. */
const PLACE = '{prompt}'

/** A prompt in a style, as the AUTOMATIC1111 web UI puts them together (its modules/styles.py): in the place of `{prompt}`, else before it. */
export function withStyle(prompt: string, style: string): string {
  if (style.includes(PLACE)) return style.replaceAll(PLACE, () => prompt)
  return [prompt, style]
    .map(words => words.trim())
    .filter(words => words !== '')
    .join(', ')
}
