export function renderMigrations(schema?: 'suite' | 'twoTower'): string;
