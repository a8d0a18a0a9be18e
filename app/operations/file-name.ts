/** A name that every system can store. */
export function fileName(name: string): string {
  const plain = name
    .replaceAll(/[^\p{L}\p{N}._ -]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 100)
  return plain.replace(/^\.+/, '') || 'concept'
}
