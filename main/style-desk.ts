import type { StudioEvent } from '../app/api/contract.ts'
import type { StyleDesk } from '../app/api/studio.ts'
import type { Library } from '../app/library/library.ts'
import { readStyles, type Style } from '../app/library/styles.ts'

/** The styles of the library; every page hears of a change. */
export function styleDesk({ styles }: Pick<Library, 'styles'>, tell: (event: StudioEvent) => void): StyleDesk {
  const told = (all: Style[]) => {
    tell({ type: 'styles', styles: all })
    return all
  }
  return {
    list: () => styles.list(),
    get: name => styles.get(name),
    save: added => told(styles.save(added)),
    remove: name => told(styles.remove(name)),
    importFrom(csv) {
      const found = readStyles(csv)
      told(styles.save(found))
      return found.length
    },
  }
}
