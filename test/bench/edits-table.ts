/* The tables of `npm run bench:edits`, of the cases that are finished. */

type Figures = Readonly<Record<string, number>>

interface Shown {
  /** Of image to image and DiffEdit. */
  readonly strength: number
  /** Places of Imagic's slider. */
  readonly etas: readonly number[]
}

/** Prints means over the cases of each kind that there are. @param done figures by the name of a case, which begins with its kind */
export function printEdits(done: ReadonlyMap<string, Figures>, { strength, etas }: Shown): void {
  const rework = `image to image, strength ${strength}`
  const of = (kind: string) => [...done].filter(([id]) => id.startsWith(`${kind} `)).map(([, figures]) => figures)
  const tables: Readonly<Record<string, (cases: readonly Figures[]) => void>> = {
    edit(cases) {
      row(`${cases.length} swaps`, 'background', 'new caption')
      row('before', '', mean(cases, 'before'))
      row(rework, mean(cases, 'imageToImage'), mean(cases, 'imageToImageFit'))
      row('prompt-to-prompt', mean(cases, 'promptToPrompt'), mean(cases, 'promptToPromptFit'))
      row(`DiffEdit, strength ${strength}`, mean(cases, 'diffEdit'), mean(cases, 'diffEditFit'))
      row('DiffEdit mask, IoU', mean(cases, 'maskOverlap'))
    },
    found(cases) {
      row(`${cases.length} pictures found again`, 'PSNR')
      row('DDIM with guidance', mean(cases, 'ddim'))
      row('negative-prompt', mean(cases, 'negativePrompt'))
      row('null-text', mean(cases, 'nullText'))
      row('null-text, the least', Math.min(...cases.map(({ nullText }) => nullText)))
      row(
        'null-text above DDIM, cases',
        counted(cases, ({ nullText, ddim }) => nullText > ddim),
      )
      row(
        'null-text above 25 dB, cases',
        counted(cases, ({ nullText }) => nullText > 25),
      )
    },
    inpaint(cases) {
      row(`${cases.length} in-paintings`, 'changed outside')
      row('pixels', String(cases.reduce((sum, { differing }) => sum + differing, 0)))
    },
    'told-swap': cases => asTold(cases, 'swaps as they are told', 'background', rework),
    'told-background': cases => asTold(cases, 'backgrounds as they are told', 'thing', rework),
    imagic: cases => bent(cases, etas),
  }
  for (const [kind, print] of Object.entries(tables)) {
    const cases = of(kind)
    if (cases.length === 0) continue
    console.log()
    print(cases)
  }
}

function asTold(cases: readonly Figures[], title: string, stays: string, rework: string): void {
  row(`${cases.length} ${title}`, stays, 'new caption')
  row('before', '', mean(cases, 'before'))
  row(rework, mean(cases, 'imageToImage'), mean(cases, 'imageToImageFit'))
  row('as it is told', mean(cases, 'instruct'), mean(cases, 'instructFit'))
  const isBetter = (figures: Figures) => figures.instruct > figures.imageToImage
  row('keeps more than image to image', counted(cases, isBetter))
}

/** Imagic: how well the new caption fits must rise along the slider, and how near the picture is must fall. */
function bent(cases: readonly Figures[], etas: readonly number[]): void {
  row(`${cases.length} pictures bent`, 'new caption', 'PSNR')
  row('before', mean(cases, 'before'))
  for (const eta of etas) row(`toward the words: ${eta}`, mean(cases, `fit ${eta}`), mean(cases, `near ${eta}`))
  const goesOneWay = (figures: Figures, key: string, sign: number) =>
    etas.slice(1).every((eta, k) => sign * (figures[`${key} ${eta}`] - figures[`${key} ${etas[k]}`]) > 0)
  row(
    'goes one way along all places',
    counted(cases, figures => goesOneWay(figures, 'fit', 1)),
    counted(cases, figures => goesOneWay(figures, 'near', -1)),
  )
}

const counted = (cases: readonly Figures[], holds: (figures: Figures) => boolean): string =>
  String(cases.filter(holds).length)

const mean = (cases: readonly Figures[], key: string): number =>
  cases.reduce((sum, figures) => sum + figures[key], 0) / cases.length

function row(title: string, ...cells: readonly (string | number)[]): void {
  const columns = cells.map(cell => (typeof cell === 'number' ? cell.toFixed(2) : cell).padStart(12).padEnd(16))
  console.log([title.padEnd(34), ...columns].join(''))
}
