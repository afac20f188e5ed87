exports.modelPath = require('node:path').join(__dirname, 'weights');
