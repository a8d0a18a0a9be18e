/** `npm run bench [-- SUBJECT]`: what Sfumato takes on this computer; each subject's file says what it measures and which options it has. */
const subjects: Readonly<Record<string, () => Promise<unknown>>> = {
  embedded: () => import('./embedded.ts'),
  sd15: () => import('./sd15.ts'),
  training: () => import('./training.ts'),
  quality: () => import('./quality.ts'),
  concepts: () => import('./concepts.ts'),
  attention: () => import('./attention.ts'),
}

const [, , first = ''] = process.argv
const isNamed = first !== '' && !first.startsWith('-')
const subject = isNamed ? first : 'embedded'
// What is left are the subject's own options.
if (isNamed) process.argv.splice(2, 1)
if (Object.hasOwn(subjects, subject)) await subjects[subject]()
else {
  console.error(`There is no bench of "${subject}". There are ${Object.keys(subjects).join(', ')}.`)
  process.exitCode = 2
}
